#![no_main]

use fusion::models::darknet::Cfg;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(cfg) = Cfg::parse(text) {
        let model = cfg.model("Net");
        assert!(model.contains("pub Net: [") && !cfg.outputs().is_empty());
    }
});

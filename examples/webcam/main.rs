//! Faces on a web cam: a page that asks for the browser's camera, and boxes with numbers that follow every face.
//!
//!     cargo run --release --example webcam                          # then open http://127.0.0.1:8080
//!     cargo run --release --example webcam run clip.avi --avi out.avi --jsonl out.jsonl --png frames
//!     cargo run --release --example webcam run clip.avi --boxes boxes.csv    # how well they are found and followed
//!
//! The weights are part of the program; `README.md` beside this file says more.

use clap::{Args, Parser, Subcommand};
use fusion_webcam::server::{Limits, Server};
use fusion_webcam::{Detector, Fault, Found, Known, Measures, Model, Outputs, Picture, Result, input, picture};
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Faces on a web cam, in a browser: without a command, a server of the page.
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Subcommand)]
enum Command {
    /// Finds the faces of a video (AVI of JPEG images), of images, of a folder of them, or of a camera (/dev/video0).
    Run(Run),
}

#[derive(Args)]
struct Serve {
    /// The port of the page.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The address to listen at. Others than this machine reach the page by one of its own, such as 0.0.0.0; browsers give
    /// cameras to pages of other machines by https alone.
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    host: IpAddr,
    #[command(flatten)]
    detector: Settings,
}

#[derive(Args)]
struct Run {
    /// Videos, images, folders of images, or a camera.
    #[arg(required = true)]
    inputs: Vec<PathBuf>,
    /// A folder for each frame with its boxes, as a PNG image.
    #[arg(long)]
    png: Option<PathBuf>,
    /// A file for the faces of each frame, a line of JSON each.
    #[arg(long)]
    jsonl: Option<PathBuf>,
    /// A file for the frames with their boxes, as a video.
    #[arg(long)]
    avi: Option<PathBuf>,
    /// A table of known boxes, `image,x,y,w,h`, to compare with.
    #[arg(long)]
    boxes: Option<PathBuf>,
    /// At most so many frames of each input.
    #[arg(long)]
    frames: Option<usize>,
    #[command(flatten)]
    detector: Settings,
}

#[derive(Args)]
struct Settings {
    /// Which network looks for faces.
    #[arg(long, value_enum, default_value_t = Model::YoloFace500k)]
    model: Model,
    /// The least score of a face.
    #[arg(long, default_value_t = 0.5)]
    score: f32,
    /// Of two boxes whose IoU is above this the surer stays.
    #[arg(long, default_value_t = 0.45)]
    iou: f32,
    /// Threads for the network.
    #[arg(long, default_value_t = 1)]
    threads: usize,
}

impl Settings {
    fn detector(&self) -> Result<Detector> {
        fusion::set_num_threads(self.threads.max(1));
        Detector::new(self.model, self.score, self.iou)
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    match arguments.command {
        Some(Command::Run(arguments)) => run(&arguments),
        None => serve(&arguments.serve),
    }
}

fn serve(arguments: &Serve) -> Result<()> {
    let detector = arguments.detector.detector()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.map_err(Fault::new)?.block_on(async {
        let server = Server::bind(arguments.host, arguments.port, detector, Limits::default()).await?;
        println!("http://{} shows the faces of your camera; Ctrl-C ends it.", server.address());
        if !arguments.host.is_loopback() {
            println!("Everybody who reaches this address may use it.");
        }
        server.serve(async { _ = tokio::signal::ctrl_c().await }).await
    })
}

fn run(arguments: &Run) -> Result<()> {
    let detector = arguments.detector.detector()?;
    let known = arguments.boxes.as_deref().map(Known::read).transpose()?.unwrap_or_default();
    let mut measures = Measures::new(known);
    let inputs = arguments.inputs.iter().map(|path| input::open(path)).collect::<Result<Vec<_>>>()?;
    let rate = inputs.iter().find_map(|input| input.rate).unwrap_or(30.0);
    let paths = [&arguments.png, &arguments.jsonl, &arguments.avi].map(Option::as_deref);
    let mut outputs = Outputs::new(paths[0], paths[1], paths[2], rate)?;
    let frames = frames(inputs, arguments, &detector, |name, image, found| {
        measures.add(name, found);
        outputs.add(name, image, found)
    });
    // What there is until a bad frame is made whole, too.
    outputs.finish()?;
    frames?;
    println!("{measures}");
    Ok(())
}

/// Finds the faces of each frame, until there are no more or Ctrl-C is pressed.
fn frames(
    inputs: Vec<input::Input>,
    arguments: &Run,
    detector: &Detector,
    mut each: impl FnMut(&str, &Picture, &Found) -> Result<()>,
) -> Result<()> {
    let ended = on_ctrl_c()?;
    for input in inputs {
        // Each video has faces of its own.
        let mut tracker = detector.tracker();
        for frame in input.frames.take(arguments.frames.unwrap_or(usize::MAX)) {
            if ended.load(Ordering::Relaxed) {
                return Ok(());
            }
            let frame = frame?;
            let unpack = |bytes: &[u8]| match bytes.starts_with(&[0xff, 0xd8]) {
                true => picture(bytes),
                false => Ok(fusion::data::decode_image(bytes)?),
            };
            let found = detector.frame(&frame.bytes, unpack, &mut tracker);
            let (image, found) = found.map_err(|fault| Fault::new(format_args!("frame {}: {fault}", frame.name)))?;
            each(&frame.name, &image, &found)?;
        }
    }
    Ok(())
}

/// Becomes true when Ctrl-C is pressed.
fn on_ctrl_c() -> Result<Arc<AtomicBool>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Fault::new)?;
    let ended = Arc::new(AtomicBool::new(false));
    let end = Arc::clone(&ended);
    std::thread::spawn(move || {
        let pressed = runtime.block_on(tokio::signal::ctrl_c());
        end.store(pressed.is_ok(), Ordering::Relaxed);
    });
    Ok(ended)
}

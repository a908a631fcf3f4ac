//! Logs that are written, damaged in every way, and read.

use super::frame::{FILE, HEADER, MAGIC};
use super::{NamedImage, *};
use crate::Error;
use crate::prelude::*;
use crate::train::metrics::ConfusionMatrix;
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

model! {
    Net: [1, 4, 4] -> [3] {
        conv: Conv2d<_, 2, 3, padding = 1>, Relu,
        Flatten,
        fc: Linear<_, 3>,
    }
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// All records of a log, which must not be an error.
fn all(path: impl AsRef<Path>) -> Vec<Entry> {
    Reader::open(path).unwrap().map(Result::unwrap).collect()
}

/// A log with a record of each kind.
fn everything(folder: &Path) -> Vec<Entry> {
    let mut run = Run::create(folder).unwrap();
    let net = Net::init(&mut StdRng::seed_from_u64(1));
    run.settings(&[("rate", &1e-3), ("a \"name\" <b>&\n", &"Ü")]).unwrap();
    run.network(&net.sketch()).unwrap();
    run.scalar(1, "loss", f64::NAN).unwrap();
    run.scalars(1, &[("train/loss", 0.1 + 0.2), ("", -0.0)]).unwrap();
    run.histogram(2, "fc.weight", &net.fc.weight).unwrap();
    run.image(2, "grey", &Tensor::<shape![1, 2, 2], u8>::from([[[0, 1], [2, 255]]])).unwrap();
    run.text(3, "note", "two\nlines").unwrap();
    let x = Tensor::<shape![5, 1, 4, 4]>::from_fn(|i| i as f32 / 80.0);
    let y = Tensor::from([0, 1, 2, 0, 1]);
    let scores = net.forward(x.clone());
    let mut matrix = ConfusionMatrix::named(["a", "b", "c"]);
    matrix.update(&scores, &y);
    run.confusion(3, "test", &matrix).unwrap();
    let loss = net.forward(x.trace_with(Trace::training().keep_values())).cross_entropy(&y);
    run.operations(4, &loss.explain(), &net).unwrap();
    run.graph(4, "loss", &loss.dot().names_of(&net).gradients()).unwrap();
    run.gradients(4, &loss.backward().explain(&net)).unwrap();
    run.predictions_of(5, "test", &x, &scores, &y, &["a", "b", "c"]).unwrap();
    drop(run);
    all(folder)
}

#[test]
fn what_is_written_is_read() {
    let home = folder();
    let found = everything(home.path());
    assert_eq!(found.len(), 12);
    let steps: Vec<_> = found.iter().map(|entry| entry.step).collect();
    assert_eq!(steps, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 4, 5]);
    assert!(found.windows(2).all(|pair| pair[0].seconds <= pair[1].seconds && pair[0].at < pair[1].at));
    assert!(found[0].seconds > 1.7e9);
    let of = |at: usize| found[at].record.clone();
    assert!(matches!(of(0), Record::Settings(list) if list[1] == ("a \"name\" <b>&\n".into(), "Ü".into())));
    let Record::Network(net) = of(1) else { panic!() };
    let kinds: Vec<_> = net.layers.iter().map(|layer| layer.kind.as_str()).collect();
    assert_eq!(kinds, ["Input", "Convolution", "Activation", "Shape", "Linear", "Output"]);
    assert!(net.svg.starts_with("<svg") && net.layers[4].path == "fc" && net.layers[4].parameters == 99);
    assert!(matches!(of(2), Record::Scalars(list) if list[0].0 == "loss" && list[0].1.is_nan()));
    let Record::Scalars(list) = of(3) else { panic!() };
    assert_eq!((list[0].1, list[1].0.as_str(), list[1].1.to_bits()), (0.1 + 0.2, "", (-0.0f64).to_bits()));
    assert!(matches!(of(4), Record::Histogram(all) if all.counts.iter().sum::<u64>() == 96));
    assert!(matches!(of(5), Record::Image(image) if image.picture.pixels == [0, 1, 2, 255]));
    assert!(matches!(of(6), Record::Text(text) if text.text == "two\nlines"));
    assert!(matches!(of(7), Record::Confusion(all) if all.counts.len() == 9 && all.counts.iter().sum::<u64>() == 5));
    let Record::Operations(rows) = of(8) else { panic!() };
    let layers: Vec<_> = rows.iter().map(|row| row.layer.as_str()).collect();
    assert_eq!(layers[..2], ["conv"; 2]);
    assert_eq!(layers[2..], vec!["fc"; rows.len() - 2]);
    assert!(rows[0].at.contains("tests.rs:") && rows.iter().any(|row| row.dead.is_some_and(|(_, all)| all == 2)));
    let Record::Graph(graph) = of(9) else { panic!() };
    let weight = graph.nodes.iter().find(|node| node.label == "fc.weight").unwrap();
    assert!(weight.is_leaf && weight.shape == Some(vec![3, 32]) && !weight.gradient.is_empty());
    assert!(graph.edges.iter().any(|(from, _)| *from == weight.id));
    let Record::Gradients(rows) = of(10) else { panic!() };
    assert_eq!(rows.iter().map(|row| row.path.as_str()).collect::<Vec<_>>()[2], "fc.weight");
    assert!(rows.iter().all(|row| row.norm > 0.0 && row.update.is_none()));
    let Record::Predictions(found) = of(11) else { panic!() };
    assert_eq!((found.scores.len(), &found.labels[..]), (15, &[0, 1, 2, 0, 1][..]));
    assert!(found.images.iter().all(|(sample, image)| {
        let row = &found.scores[3 * *sample as usize..][..3];
        image.pixels.len() == 16
            && row[found.labels[*sample as usize] as usize] < row.iter().copied().fold(f32::MIN, f32::max)
    }));
    // What is read is written as it was.
    let again = home.path().join("again");
    let mut run = Run::create(&again).unwrap();
    everything(home.path()).iter().for_each(|entry| run.write(entry.step, &entry.record).unwrap());
    let texts = |entries: Vec<Entry>| entries.iter().map(|entry| format!("{:?}", entry.record)).collect::<Vec<_>>();
    assert_eq!(texts(all(&again)), texts(all(home.path())));
}

/// A log of so many small records, as bytes, and where they end.
fn small(records: u64) -> (Vec<u8>, Vec<usize>) {
    let home = folder();
    let mut run = Run::create(home.path()).unwrap();
    let mut ends = vec![MAGIC.len()];
    for step in 0..records {
        run.scalar(step, "loss", step as f64).unwrap();
        ends.push(fs::metadata(home.path().join(FILE)).unwrap().len() as usize);
    }
    (fs::read(home.path().join(FILE)).unwrap(), ends)
}

/// The steps that are read of these bytes, and how many places were damaged.
fn steps(bytes: &[u8]) -> (Vec<u64>, u64) {
    let mut reader = Reader::new(Cursor::new(bytes), "log");
    let steps = reader.by_ref().map(|entry| entry.unwrap().step).collect();
    assert!(reader.next().is_none());
    (steps, reader.damaged())
}

fn write(folder: &Path, bytes: &[u8]) -> PathBuf {
    let path = folder.join(FILE);
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn cut_anywhere_it_loses_the_last_record_and_goes_on() {
    let (bytes, ends) = small(4);
    let home = folder();
    for end in 0..=bytes.len() {
        write(home.path(), &bytes[..end]);
        let whole = ends.iter().skip(1).filter(|at| **at <= end).count() as u64;
        assert_eq!(steps(&bytes[..end]), ((0..whole).collect(), 0), "{end}");
        Run::append(home.path()).unwrap().scalar(99, "loss", 1.0).unwrap();
        let steps: Vec<_> = all(home.path()).iter().map(|entry| entry.step).collect();
        assert_eq!(steps, (0..whole).chain([99]).collect::<Vec<_>>(), "{end}");
    }
}

#[test]
fn a_damaged_byte_costs_one_record() {
    let (bytes, ends) = small(4);
    for at in MAGIC.len()..bytes.len() {
        let mut bytes = bytes.clone();
        bytes[at] ^= 0x10;
        let hit = ends.iter().filter(|end| **end <= at).count() as u64 - 1;
        let (found, damaged) = steps(&bytes);
        assert_eq!((found, damaged), ((0..4).filter(|step| *step != hit).collect(), 1), "byte {at}");
    }
}

#[test]
fn a_hole_and_what_was_put_between_are_passed_over() {
    let (bytes, ends) = small(4);
    // A hole of zeros, over a page's end.
    let mut zeros = bytes.clone();
    zeros[ends[1] + 3..ends[3] - 3].fill(0);
    assert_eq!(steps(&zeros), (vec![0, 3], 1));
    // A stretch that is longer than what is searched at once, at every place of the parts' border.
    for more in 0..2 * HEADER {
        let long = [&bytes[..ends[2]], &vec![0xF5; (1 << 16) - HEADER + more], &bytes[ends[2]..]].concat();
        assert_eq!(steps(&long), (vec![0, 1, 2, 3], 1), "{more}");
    }
    // The first half of a record and the whole of another.
    let torn = [&bytes[..ends[2] + 20], &bytes[ends[2]..]].concat();
    assert_eq!(steps(&torn), (vec![0, 1, 3], 2));
    // A tail of zeros, as a power cut may leave it: it is cut off when the run goes on.
    let home = folder();
    let tail = [&bytes[..], &[0; 5000]].concat();
    write(home.path(), &tail);
    let mut reader = Reader::open(home.path()).unwrap();
    assert_eq!((reader.by_ref().count(), reader.damaged(), reader.rest()), (4, 1, 5000));
    Run::append(home.path()).unwrap().scalar(4, "loss", 0.0).unwrap();
    assert_eq!(reader.by_ref().map(|entry| entry.unwrap().step).collect::<Vec<_>>(), [4]);
    assert_eq!((reader.damaged(), reader.rest()), (1, 0));
}

#[test]
fn a_reader_follows_a_run() {
    let (bytes, ends) = small(6);
    let home = folder();
    let path = write(home.path(), &[]);
    let mut reader = Reader::open(&path).unwrap();
    let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
    let mut found = 0;
    for (at, byte) in bytes.iter().enumerate() {
        assert!(reader.next().is_none());
        file.write_all(&[*byte]).unwrap();
        if ends.contains(&(at + 1)) && at + 1 > MAGIC.len() {
            let entry = reader.next().unwrap().unwrap();
            assert_eq!(
                (entry.step, entry.at as usize, reader.position() as usize),
                (found, ends[found as usize], at + 1)
            );
            found += 1;
        }
    }
    // From any record on.
    for (step, at) in ends[..6].iter().enumerate() {
        let entry = Reader::open(&path).unwrap().at(*at as u64).next().unwrap().unwrap();
        assert_eq!(entry.step, step as u64);
    }
    // Those who read a run that is started anew keep the old one, and who opens the file has the new one.
    let mut run = Run::create(home.path()).unwrap();
    run.scalar(77, "loss", 1.0).unwrap();
    assert!(reader.next().is_none());
    assert_eq!(all(home.path()).len(), 1);
    // In a file that was made shorter there is nothing to go on from.
    write(home.path(), &bytes);
    let mut reader = Reader::open(home.path()).unwrap();
    assert_eq!(reader.by_ref().count(), 6);
    write(home.path(), &bytes[..ends[2]]);
    let error = reader.next().unwrap().unwrap_err().to_string();
    assert!(error.ends_with("run.fusion: it is shorter than it was: its run was started anew"), "{error}");
    assert!(reader.next().is_none());
}

#[test]
fn what_is_whole_and_no_record() {
    let mut good = Vec::new();
    Record::Text(Text { name: "a".into(), text: "b".into() }).write(1, 2.0, &mut good);
    let unknown = [vec![200], good[1..].to_vec()].concat();
    let [longer, shorter] = [[&good[..], &[0]].concat(), good[..good.len() - 1].to_vec()];
    let bytes = frame::framed([&good[..], &unknown, &longer, &shorter, &[], &good]);
    let mut reader = Reader::new(Cursor::new(&bytes), "log");
    assert_eq!((reader.by_ref().count(), reader.unknown(), reader.damaged()), (2, 1, 3));
    // Sizes that contradict each other are damage too.
    let twisted = [
        Record::Image(NamedImage {
            name: String::new(),
            picture: Picture { channels: 3, height: u32::MAX, width: u32::MAX, pixels: vec![0; 3] },
        }),
        Record::Confusion(Confusion { name: String::new(), classes: vec!["a".into()], counts: vec![1, 2] }),
        Record::Graph(NamedGraph { name: String::new(), nodes: Vec::new(), edges: vec![(0, 0)] }),
        Record::Predictions(Predictions {
            labels: vec![1],
            scores: vec![0.5],
            classes: vec!["a".into()],
            ..Default::default()
        }),
        Record::Network(Network {
            layers: vec![NetworkLayer { inputs: vec![1], ..Default::default() }],
            svg: String::new(),
        }),
    ];
    for record in twisted {
        let mut payload = Vec::new();
        record.write(0, 0.0, &mut payload);
        let mut reader = Reader::new(Cursor::new(frame::framed([&payload[..]])), "log");
        assert_eq!((reader.by_ref().count(), reader.damaged()), (0, 1), "{record:?}");
    }
}

#[test]
fn what_is_no_log_is_told() {
    let home = folder();
    let told = |bytes: &[u8]| {
        write(home.path(), bytes);
        let read = Reader::open(home.path()).unwrap().next().unwrap().unwrap_err().to_string();
        let written = Run::append(home.path()).unwrap_err().to_string();
        assert_eq!(read, written);
        read.rsplit_once("run.fusion: ").unwrap().1.to_owned()
    };
    assert_eq!(told(b"loss,accuracy\n"), "it does not begin with `FUSION LOG`: it is no log of a run");
    assert_eq!(told(b"x"), "it does not begin with `FUSION LOG`: it is no log of a run");
    let newer = "it is a log of another version, which a newer Fusion wrote: this one reads version 1";
    assert_eq!((told(b"FUSION LOG 2\n"), told(b"FUSION LOG 17")), (newer.into(), newer.into()));
    assert!(matches!(Reader::open(home.path().join("none")), Err(Error::File { .. })));
    fs::write(home.path().join("file"), "").unwrap();
    assert!(matches!(Run::create(home.path().join("file")), Err(Error::File { .. })));
}

/// As a program has it that is being started in that moment.
#[test]
#[cfg(unix)]
fn a_run_that_has_ended_is_not_locked_where_another_process_has_its_file() {
    let home = folder();
    for _ in 0..2 {
        let run = Run::append(home.path()).unwrap();
        let inherited = run.file.file.try_clone().unwrap();
        assert!(Run::append(home.path()).is_err());
        drop(run);
        drop(Run::append(home.path()).unwrap());
        drop(Run::create(home.path()).unwrap());
        drop(inherited);
    }
}

#[test]
fn what_cannot_be_written_is_told() {
    let home = folder();
    let mut run = Run::create(home.path()).unwrap();
    if cfg!(unix) {
        let second = Run::append(home.path()).unwrap_err().to_string();
        assert!(second.ends_with("somebody else writes this run: another one needs a folder of its own"), "{second}");
        assert!(Run::create(home.path()).is_err());
    }
    let long = run.text(1, "long", &"x".repeat(64 << 20)).unwrap_err().to_string();
    assert_eq!(long, "a record of 67108893 bytes is too long for a log: 67108864 are the most");
    let two = run.image(1, "two", &Tensor::<shape![2, 1, 1], u8>::zeros()).unwrap_err().to_string();
    assert_eq!(two, "an image in a log has 1 or 3 planes, not 2");
    let whole = run.image(1, "i", &Tensor::<shape![1, 1, 1], i64>::zeros()).unwrap_err().to_string();
    assert_eq!(whole, "an image in a log has bytes or fractions as elements, not i64");
    let scores = Tensor::<shape![2, 3]>::zeros();
    let label = run.predictions(1, "p", &scores, &Tensor::from([0, 3]), &["a", "b", "c"]).unwrap_err();
    assert!(matches!(label, Error::Index { index: 3, .. }), "{label}");
    let names = run.predictions(1, "p", &scores, &Tensor::from([0, 1]), &["a"]).unwrap_err().to_string();
    assert_eq!(names, "predictions: 1 names for 3 classes");
    let mut loss = Tensor::<shape![1]>::ones().watch();
    for _ in 0..2001 {
        loss = loss.square();
    }
    let large = run.graph(1, "g", &loss.dot()).unwrap_err().to_string();
    assert_eq!(large, "a computation of 2002 operations is too large to be looked at: 2000 are the most");
    // Nothing of all that is in the file.
    run.predictions(1, "p", &scores, &Tensor::from([0, 1]), &[""; 0]).unwrap();
    drop(run);
    let found = all(home.path());
    assert!(matches!(&found[..], [Entry { record: Record::Predictions(all), .. }] if all.classes == ["0", "1", "2"]));
}

#[test]
fn histograms_of_anything() {
    let of = |numbers: &[f64]| {
        let found = Histogram::of("x", numbers);
        let finite = numbers.iter().filter(|x| x.is_finite()).count() as u64;
        assert_eq!(found.counts.iter().sum::<u64>(), finite, "{numbers:?}");
        assert_eq!(finite + found.nans + found.infinite, numbers.len() as u64);
        found
    };
    assert_eq!(of(&[]).counts, [0; 0]);
    assert_eq!((of(&[f64::NAN, f64::INFINITY]).low, of(&[f64::NAN]).nans), (0.0, 1));
    assert_eq!((of(&[2.0; 5]).counts, of(&[2.0; 5]).high), (vec![5], 2.0));
    let numbers: Vec<f64> = (0..=64).map(f64::from).collect();
    let found = of(&numbers);
    assert_eq!(found.counts, [vec![1; 63], vec![2]].concat());
    assert_eq!((found.sum, found.squares), (2080.0, 89440.0));
    for numbers in [[f64::MIN, f64::MAX], [0.0, 5e-324], [-5e-324, 5e-324], [1.0, 1.0 + f64::EPSILON]] {
        of(&numbers);
    }
    assert_eq!(of(&[f64::MIN, f64::MAX]).counts[63], 1);
}

#[test]
fn pixels_of_anything() {
    let home = folder();
    let mut run = Run::create(home.path()).unwrap();
    let x = Tensor::<shape![1, 2, 3]>::from([[[0.0, 0.5, 1.0], [f32::NAN, -3.0, 7.0]]]);
    run.image(1, "fractions", &x).unwrap();
    run.image(1, "turned", &x.transpose(Axis::<1>, Axis::<2>).contiguous().transpose(Axis::<1>, Axis::<2>)).unwrap();
    let colours = Tensor::<shape![2, 3], u8>::from([[1, 2, 3], [4, 5, 6]]).reshape::<shape![3, 1, 2]>();
    run.image(1, "colours", &colours).unwrap();
    drop(run);
    let pixels: Vec<Vec<u8>> = all(home.path())
        .into_iter()
        .map(|entry| if let Record::Image(image) = entry.record { image.picture.pixels } else { panic!() })
        .collect();
    let [fractions, turned, colours] = &pixels[..] else { panic!() };
    assert_eq!((fractions, colours), (&vec![0, 128, 255, 0, 0, 255], &vec![1, 2, 3, 4, 5, 6]));
    assert_eq!(fractions, turned);
}

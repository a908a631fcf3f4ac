//! Data sets from where they lie: inside the library, in files, in folders.

use super::set::{Column, MOST_COLUMNS, Pictures, Set, Words, clipped, rows_of, sample};
use crate::request::Problem;
use flate2::read::MultiGzDecoder;
use fusion::data::csv::Csv;
use fusion::data::{self, ClassificationSet, Dataset, ImageFolder, Images, Source, columns, read_idx, read_image};
use fusion::prelude::*;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// How much of a table of text is read.
const MOST_TEXT: u64 = 256 << 20;
/// The most bytes of an IDX file's numbers.
const MOST_NUMBERS: u64 = 512 << 20;
/// How many bytes of pictures are kept, and how many pictures.
const MOST_PIXELS: usize = 64 << 20;
const MOST_PICTURES: usize = 20_000;
/// How many pictures of a folder are read, each of which is unpacked.
const MOST_FILES: usize = 1000;

/// The sets inside the library.
pub const EMBEDDED: [&str; 5] = ["iris", "wine", "breast cancer", "digits", "diabetes"];

/// A set inside the library; none has another name.
pub fn embedded(name: &str) -> Option<Set> {
    Some(match name {
        "iris" => classes(data::iris()),
        "wine" => classes(data::wine()),
        "breast cancer" => classes(data::breast_cancer()),
        "digits" => {
            let digits = data::digits();
            let pixels = digits.x.to_vec().iter().map(|x| (x * (255.0 / 16.0)).round() as u8).collect();
            Set { pictures: Some(Pictures { channels: 1, height: 8, width: 8, pixels }), ..classes(digits) }
        }
        "diabetes" => {
            let patients = data::diabetes_raw();
            let mut list = named(patients.feature_names(), columns(&patients.x));
            let target = columns(&patients.y).swap_remove(0);
            list.push(Column::numbers(patients.target_names()[0].clone(), target).target());
            Set::table(patients.description().to_owned(), patients.len(), list)
        }
        _ => return None,
    })
}

fn named(names: &[String], columns: Vec<Vec<f64>>) -> Vec<Column> {
    names.iter().zip(columns).map(|(name, numbers)| Column::numbers(name.clone(), numbers)).collect()
}

fn classes<F: Dim>(set: ClassificationSet<F>) -> Set {
    let mut list = named(set.feature_names(), columns(&set.x));
    list.push(Column::words("class", Words::labels(set.target_names(), &set.y.to_vec())).target());
    Set::table(set.description().to_owned(), set.len(), list)
}

/// The set in a file or a folder.
///
/// # Errors
/// If it cannot be read: file, place and fault.
pub fn open(path: &Path) -> Result<Set, Problem> {
    let failed = |error: io::Error| Problem::failed(format_args!("{}: {error}", path.display()));
    if path.metadata().map_err(failed)?.is_dir() {
        return folder(path).map_err(Problem::failed);
    }
    match idx_header(path).map_err(failed)? {
        Some(header) => idx(path, &header),
        None => table(path),
    }
}

/// A table of text, or its beginning.
fn table(path: &Path) -> Result<Set, Problem> {
    let failed = |error: io::Error| Problem::failed(format_args!("{}: {error}", path.display()));
    let size = path.metadata().map_err(failed)?.len();
    let mut notes = Vec::new();
    let csv = if size <= MOST_TEXT {
        Csv::open(path).map_err(Problem::failed)?
    } else {
        let mut text = Vec::new();
        File::open(path).map_err(failed)?.take(MOST_TEXT).read_to_end(&mut text).map_err(failed)?;
        text.truncate(whole_records(&text));
        let csv = Csv::from_bytes(&text);
        let told = |error: fusion::Error| error.to_string().replacen("(bytes)", &path.display().to_string(), 1);
        let csv = csv.map_err(|error| Problem::failed(told(error)))?;
        let share = 100.0 * text.len() as f64 / size as f64;
        notes.push(format!("The file is large: only its first {} rows are read, {share:.0}% of it.", csv.num_rows()));
        csv
    };
    let names: Vec<String> = csv.names().iter().take(MOST_COLUMNS).cloned().collect();
    if csv.names().len() > names.len() {
        notes.push(format!("Of {} columns the first {MOST_COLUMNS} are shown.", csv.names().len()));
    }
    let total = csv.num_rows();
    let rows = sample(total, rows_of(names.len()));
    if rows.len() < total {
        notes.push(format!("All figures are of {} of {total} rows, drawn at random.", rows.len()));
    }
    let csv = csv.select(&rows);
    let column = |name: &String| -> fusion::Result<Column> {
        Ok(match csv.is_number(name)? {
            true => Column::numbers(clipped(name), csv.numbers(name)?),
            false => Column::words(clipped(name), Words::new(csv.texts(name)?.into_iter())),
        })
    };
    let columns = names.iter().map(column).collect::<fusion::Result<_>>().map_err(Problem::failed)?;
    Ok(Set { notes, ..Set::table(path.display().to_string(), total, columns) })
}

/// How much of a text is whole records: up to the last end of a line that is not between quotes.
fn whole_records(text: &[u8]) -> usize {
    let (mut is_quoted, mut end) = (false, 0);
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' if !is_quoted => end = at + 1,
            _ => {}
        }
    }
    end
}

/// The type and the sizes of an IDX file.
struct Header {
    is_bytes: bool,
    sizes: Vec<u64>,
}

/// What the first bytes say; none if the file is no IDX file.
fn idx_header(path: &Path) -> io::Result<Option<Header>> {
    let mut start = [0; 2];
    let is_packed = File::open(path)?.read_exact(&mut start).is_ok() && start == [0x1f, 0x8b];
    let file = File::open(path)?;
    let mut source: Box<dyn Read> = if is_packed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    let mut head = [0; 4];
    if source.read_exact(&mut head).is_err() || head[..2] != [0, 0] || !(0x08..=0x0e).contains(&head[2]) {
        return Ok(None);
    }
    let mut sizes = Vec::new();
    for _ in 0..head[3] {
        let mut size = [0; 4];
        source.read_exact(&mut size)?;
        sizes.push(u64::from(u32::from_be_bytes(size)));
    }
    Ok(Some(Header { is_bytes: head[2] == 0x08, sizes }))
}

fn idx(path: &Path, header: &Header) -> Result<Set, Problem> {
    let Header { is_bytes, sizes } = header;
    let wrong = |what: &str| Problem::failed(format_args!("{}: {what}", path.display()));
    let count = sizes.iter().try_fold(if *is_bytes { 1 } else { 4u64 }, |count, &size| count.checked_mul(size));
    if count.is_none_or(|count| count > MOST_NUMBERS) {
        return Err(wrong(&format!(
            "the sizes {sizes:?} need more than 512 MiB of memory, which is the most that is shown"
        )));
    }
    let numbers = |result: fusion::Result<Vec<f64>>| result.map_err(Problem::failed);
    match sizes.len() {
        1 => {
            let list = numbers(read_idx::<shape![Dyn], f64>(path).map(|x| x.to_vec()))?;
            let (total, rows) = (list.len(), sample(list.len(), rows_of(1)));
            let column = Column::numbers("value", rows.iter().map(|&row| list[row]).collect());
            Ok(noted(Set::table(path.display().to_string(), total, vec![column])))
        }
        2 => {
            let x = read_idx::<shape![Dyn, Dyn], f32>(path).map_err(Problem::failed)?;
            let [total, width] = [x.shape()[0], x.shape()[1]];
            let shown = width.min(MOST_COLUMNS);
            let rows = sample(total, rows_of(shown));
            let list = x.to_vec();
            let column = |at: usize| rows.iter().map(|&row| f64::from(list[row * width + at])).collect();
            let columns = (0..shown).map(|at| Column::numbers(at.to_string(), column(at))).collect();
            let mut set = noted(Set::table(path.display().to_string(), total, columns));
            if shown < width {
                set.notes.push(format!("Of {width} columns the first {MOST_COLUMNS} are shown."));
            }
            Ok(set)
        }
        3 | 4 => idx_pictures(path, *is_bytes, sizes),
        axes => Err(wrong(&format!("it has {axes} axes; 1 to 4 are shown"))),
    }
}

/// Says so where not all rows are there.
fn noted(mut set: Set) -> Set {
    if set.rows < set.total {
        set.notes.push(format!("All figures are of {} of {} rows, drawn at random.", set.rows, set.total));
    }
    set
}

fn idx_pictures(path: &Path, is_bytes: bool, sizes: &[u64]) -> Result<Set, Problem> {
    let wrong = |what: String| Problem::failed(format_args!("{}: {what}", path.display()));
    let sizes: Vec<usize> = sizes.iter().map(|&size| size as usize).collect();
    let (channels, height, width, channels_last) = match sizes[..] {
        [_, height, width] => (1, height, width, false),
        [_, channels @ (1 | 3), height, width] => (channels, height, width, false),
        [_, height, width, channels @ (1 | 3)] => (channels, height, width, true),
        _ => return Err(wrong(format!("pictures have 1 or 3 channels, and the sizes are {sizes:?}"))),
    };
    let size = channels * height * width;
    if size == 0 || size > MOST_PIXELS / 16 {
        return Err(wrong(format!("pictures of {height} x {width} are not shown")));
    }
    let bytes = match (is_bytes, sizes.len()) {
        (true, 3) => read_idx::<shape![Dyn, Dyn, Dyn], u8>(path).map(|x| x.to_vec()),
        (true, _) => read_idx::<shape![Dyn, Dyn, Dyn, Dyn], u8>(path).map(|x| x.to_vec()),
        (false, 3) => read_idx::<shape![Dyn, Dyn, Dyn], f32>(path).map(|x| as_bytes(&x.to_vec())),
        (false, _) => read_idx::<shape![Dyn, Dyn, Dyn, Dyn], f32>(path).map(|x| as_bytes(&x.to_vec())),
    };
    let bytes = bytes.map_err(Problem::failed)?;
    let total = sizes[0];
    let rows = sample(total, MOST_PICTURES.min(MOST_PIXELS / size));
    let mut pixels = Vec::with_capacity(rows.len() * size);
    for &row in &rows {
        let picture = &bytes[row * size..][..size];
        match channels_last {
            false => pixels.extend_from_slice(picture),
            true => (0..channels).for_each(|channel| pixels.extend(picture.iter().skip(channel).step_by(channels))),
        }
    }
    let labels = labels_beside(path, total)?
        .map(|labels| Words::labels(&[], &rows.iter().map(|&row| labels[row]).collect::<Vec<_>>()));
    let pictures = Pictures { channels, height, width, pixels };
    Ok(of_pictures(path.display().to_string(), total, pictures, labels))
}

/// Numbers brought to 0..=255, the least to black.
fn as_bytes(numbers: &[f32]) -> Vec<u8> {
    let finite = || numbers.iter().copied().filter(|x| x.is_finite());
    let (low, high) = (finite().fold(f32::INFINITY, f32::min), finite().fold(f32::NEG_INFINITY, f32::max));
    // What is no number becomes 0.
    numbers.iter().map(|x| ((x - low) / (high - low) * 255.0).round() as u8).collect()
}

/// The labels in the file that is called as that of images is, with `labels` for `images`.
fn labels_beside(path: &Path, count: usize) -> Result<Option<Vec<i64>>, Problem> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let other = path.with_file_name(name.replace("images", "labels").replace("idx3", "idx1"));
    if other == path
        || !other.is_file()
        || idx_header(&other).ok().flatten().is_none_or(|header| header.sizes != [count as u64])
    {
        return Ok(None);
    }
    let labels: Tensor<shape![Dyn], i64> = read_idx(&other).map_err(Problem::failed)?;
    Ok(Some(labels.to_vec()))
}

/// A set of pictures with what they are like in figures.
fn of_pictures(about: String, total: usize, pictures: Pictures, labels: Option<Words>) -> Set {
    let mut columns = pictures.figures();
    columns.extend(labels.map(|labels| Column::words("class", labels).target()));
    let set = Set { pictures: Some(pictures), ..Set::table(about, total, columns) };
    match set.rows < set.total {
        true => Set {
            notes: vec![format!("All figures are of {} of {} images, drawn at random.", set.rows, set.total)],
            ..set
        },
        false => set,
    }
}

/// MNIST, CIFAR-10 or pictures in folders.
fn folder(path: &Path) -> fusion::Result<Set> {
    let has = |name: &str| path.join(name).is_file() || path.join(format!("{name}.gz")).is_file();
    if has("train-images-idx3-ubyte") {
        return published(path, data::Mnist::open(path)?.train()?, "the training images");
    }
    if has("data_batch_1.bin") || path.join("cifar-10-batches-bin").is_dir() {
        return published(path, data::Cifar10::open(path)?.train()?, "the training images");
    }
    let classes = ImageFolder::<dim!(64), dim!(64)>::open(path)?;
    let first = classes.files().iter().find_map(|file| read_image(file).ok());
    match first.is_some_and(|image| image.shape()[1].max(image.shape()[2]) <= 32) {
        true => pictures_in(path, &ImageFolder::<dim!(32), dim!(32)>::open(path)?),
        false => pictures_in(path, &classes),
    }
}

fn published<C: Nat, H: Nat, W: Nat>(path: &Path, set: Images<C, H, W>, what: &str) -> fusion::Result<Set> {
    let (total, size) = (set.len(), C::N * H::N * W::N);
    let Dataset { x, y, .. } = set.select(&sample(total, MOST_PICTURES.min(MOST_PIXELS / size)));
    let pictures = Pictures { channels: C::N, height: H::N, width: W::N, pixels: x.to_vec() };
    let about = format!("{}, {what}", path.display());
    Ok(of_pictures(about, total, pictures, Some(Words::labels(set.target_names(), &y.to_vec()))))
}

fn pictures_in<H: Nat, W: Nat>(path: &Path, folder: &ImageFolder<H, W>) -> fusion::Result<Set> {
    let total = folder.files().len();
    let looked_at = sample(total, MOST_FILES);
    let (mut pixels, mut labels, mut broken) = (Vec::new(), Vec::new(), Vec::<(PathBuf, String)>::new());
    for &row in &looked_at {
        match folder.batch(&[row]) {
            Ok((x, y)) => {
                pixels.extend(x.to_vec());
                labels.extend(y.to_vec());
            }
            Err(error) => broken.push((folder.files()[row].clone(), error.to_string())),
        }
    }
    if let (true, Some((file, _))) = (labels.is_empty(), broken.first()) {
        // None can be read: the first says why.
        read_image(file)?;
    }
    let pictures = Pictures { channels: 3, height: H::N, width: W::N, pixels };
    let words = Words::labels(folder.classes(), &labels);
    // What cannot be read is no sample.
    let known = if looked_at.len() < total { total } else { labels.len() };
    let mut set = Set { total, ..of_pictures(path.display().to_string(), known, pictures, Some(words)) };
    set.notes.push(format!("Images are shown as {} x {} pixels: their middle, resized.", H::N, W::N));
    if let Some((_, why)) = broken.first() {
        set.notes.push(format!("{} cannot be read and are left out, such as {why}", broken.len()));
    }
    Ok(set)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::set::Values;

    #[test]
    fn sets_inside_the_library() {
        for (name, rows, columns) in EMBEDDED
            .into_iter()
            .zip([(150, 5), (178, 14), (569, 31), (1797, 65), (442, 11)])
            .map(|(n, (r, c))| (n, r, c))
        {
            let set = embedded(name).expect("a set");
            assert_eq!((set.rows, set.total, set.columns.len()), (rows, rows, columns), "{name}");
            assert!(set.usual_class().is_some_and(|column| column.is_target));
        }
        assert!(embedded("<script>").is_none());
        assert_eq!(embedded("digits").and_then(|set| Some(set.pictures?.of(1796).len())), Some(64));
    }

    #[test]
    fn a_text_is_cut_at_a_record() {
        assert_eq!(whole_records(b"a,b\n1,2\n3,"), 8);
        assert_eq!(whole_records(b"a,b\n1,\"x\ny\n"), 4);
        assert_eq!(whole_records(b""), 0);
    }

    #[test]
    fn tables_of_any_text() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("odd.csv");
        std::fs::write(&path, "id\t<script>\tage\n1\ta\"b\t2\n2\t\tNA\n3\tc\tinf\n").expect("room");
        let set = open(&path).expect("a table");
        let Values::Words(words) = &set.columns[1].values else { panic!("numbers") };
        assert_eq!((set.columns[1].name.as_str(), words.of.clone()), ("<script>", vec![Some(0), None, Some(1)]));
        assert!(set.columns[2].as_numbers().is_some_and(|numbers| numbers[1].is_nan() && numbers[2].is_infinite()));
        std::fs::write(&path, "a,b\n1,2\n3\n").expect("room");
        let error = open(&path).expect_err("ragged").to_string();
        assert!(error.ends_with("odd.csv: line 3: 1 cells, but the first record has 2"), "{error}");
        std::fs::write(&path, b"\x00\x00\x08\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff").expect("room");
        let error = open(&path).expect_err("too large").to_string();
        assert!(error.ends_with("need more than 512 MiB of memory, which is the most that is shown"), "{error}");
        std::fs::write(&path, b"\x00\x00\x08\x02\x00\x00\x00\x02\x00\x00\x00\x01\x07").expect("room");
        assert!(open(&path).is_err(), "a byte is missing");
        std::fs::write(&path, b"\x00\x00\x08\x02\x00\x00\x00\x02\x00\x00\x00\x01\x07\x09").expect("room");
        assert_eq!(open(&path).expect("numbers").columns[0].as_numbers(), Some(&[7.0, 9.0][..]));
    }

    #[test]
    fn pictures_and_their_labels() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).expect("room");
        let header = |sizes: &[u32]| {
            [&[0, 0, 8, sizes.len() as u8][..], &sizes.iter().flat_map(|n| n.to_be_bytes()).collect::<Vec<_>>()]
                .concat()
        };
        file("some-images-idx3-ubyte", &[header(&[3, 1, 2]), vec![0, 10, 20, 20, 255, 5]].concat());
        file("some-labels-idx1-ubyte", &[header(&[3]), vec![7, 3, 7]].concat());
        let set = open(&folder.path().join("some-images-idx3-ubyte")).expect("pictures");
        assert_eq!(set.column("brightness").and_then(|column| column.as_numbers()), Some(&[5.0, 20.0, 130.0][..]));
        let Some(Column { values: Values::Words(words), .. }) = set.usual_class() else { panic!("no classes") };
        assert_eq!((words.names.join(" "), words.of.clone()), ("3 7".into(), vec![Some(1), Some(0), Some(1)]));
        assert_eq!(as_bytes(&[-1.0, 0.0, 1.0, f32::NAN, f32::INFINITY]), [0, 128, 255, 0, 255]);
        assert_eq!(as_bytes(&[3.0, 3.0]), [0, 0]);
    }
}

use super::{Csv, Fill, Preprocessor};
use crate::dim::{Dyn, Num};
use crate::nn::{Init, Linear};
use crate::state::{State, saved_with};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::io::{Read, repeat};

#[track_caller]
fn refusal(text: impl AsRef<[u8]>) -> String {
    Csv::from_bytes(text).unwrap_err().to_string()
}

#[test]
fn what_is_no_table() {
    for (text, want) in [
        (&b""[..], "no records"),
        (b"\n\r\n", "no records"),
        (b"a,b\n1,2\n3\n", "line 3: 1 cells, but the first record has 2"),
        (b"a,b\n1,2\n\n\n3,4,5\n", "line 5: 3 cells, but the first record has 2"),
        (b"a,b\n\"1\n\n\",2\n3\n", "line 5: 1 cells, but the first record has 2"),
        (b"a,b\r\n1,2\r\n3\r\n", "line 3: 1 cells, but the first record has 2"),
        (b"a,b\n1,\xff\n", "line 2, cell 2: byte 0xff is not UTF-8"),
        (b"a,b\n1,x\xc3\n", "line 2, cell 2: byte 0xc3 is not UTF-8"),
        (b"a,b\n1,\0\n", "line 2: a NUL byte, which no text has"),
        (b"a,b\n1,\"2\n3,4\n", "line 2, cell 2: no quote closes the cell"),
        (b"\xff\xfea\0,\0b\0", "UTF-16, and should be UTF-8"),
        ("\u{feff}\u{feff}a,b\n1,2\n".as_bytes(), "it begins with two marks of UTF-8"),
        (b"a,b,a\n1,2,3\n", "line 1: cells 1 and 3 name a column `a`"),
    ] {
        assert_eq!(refusal(text), format!("(bytes): {want}"));
    }
    let endless = |start: &'static [u8], byte| Csv::from_reader(start.chain(repeat(byte))).unwrap_err().to_string();
    assert_eq!(endless(b"a,b\n1,", b'x'), "(reader): line 2, cell 2: longer than 1048576 bytes");
    assert_eq!(endless(b"a,b\n1,\"", b'\n'), "(reader): line 2, cell 2: no quote closes the cell within 1048576 bytes");
    assert_eq!(endless(b"a,b\n1", b','), "(reader): line 2: more than 100000 cells");
    assert_eq!(endless(b"a,b\n", 0), "(reader): line 2: a NUL byte, which no text has");
    let records = "1,2\n".as_bytes().chain(&b"x,"[..]).chain(repeat(b'y').take(100 << 20));
    assert!(Csv::from_reader(records).unwrap_err().to_string().contains("line 2, cell 2: longer than"));
    assert_eq!(
        Csv::options().delimiter(b'"').from_bytes("a").unwrap_err().to_string(),
        "cells cannot be parted by `\\\"`"
    );
}

/// Whatever is put together of what means something to the parser, its guard sees the same records (which reading asserts),
/// and what is read can be learned from or not, without a panic.
#[test]
fn any_text() {
    let mut rng = StdRng::seed_from_u64(0);
    let parts = ["a", "1", "\"", "\"\"", ",", ";", "\t", "\n", "\r", "\r\n", " ", "é", "\u{feff}", "nan", "-1e400"];
    for _ in 0..20_000 {
        let length = rng.random_range(0..40);
        let text: String = (0..length).map(|_| parts[rng.random_range(0..parts.len())]).collect();
        let Ok(csv) = Csv::from_bytes(&text) else { continue };
        let name = csv.names()[0].clone();
        let csv = csv.fill(Fill::Mean).standardize();
        for prepare in [Preprocessor::fit(&csv), Preprocessor::fit_classification(&csv, &name)].into_iter().flatten() {
            let x = prepare.features::<Dyn>(&csv).unwrap_or_else(|error| panic!("{error} of {text:?}"));
            assert_eq!(x.shape(), [csv.num_rows(), prepare.num_features()], "{text:?}");
            assert!(x.to_vec().iter().all(|x| x.is_finite()), "{text:?}");
        }
        let _ = csv.to_string();
    }
}

/// A reader that breaks off says what the system says.
#[test]
fn files_that_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Csv::open(folder.path()).unwrap_err().to_string().contains("folder"));
    let missing = Csv::open(folder.path().join("none.csv")).unwrap_err();
    assert!(matches!(missing, crate::Error::File { .. }), "{missing}");
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the cable is cut"))
        }
    }
    let error = Csv::from_reader(b"a,b\n1,2\n".chain(Broken)).unwrap_err();
    assert_eq!(error.to_string(), "(reader): the cable is cut");
}

#[test]
fn how_files_are_written() {
    let cells = |csv: &Csv| -> Vec<Vec<String>> {
        let row = |row| csv.names().iter().map(|name| csv.get(row, name).unwrap().to_owned()).collect();
        (0..csv.num_rows()).map(row).collect()
    };
    for text in [
        "a,b\n1,x\n2,y\n",
        "\u{feff}a,b\n1,x\n2,y",
        "a;b\r\n1;x\r\n2;y\r\n",
        "a\tb\n 1\t x \n\n2\ty\n",
        "\"a\",\"b\"\n\"1\",\"x\"\n2,\"y\"\n",
        "a|b\r1|x\r2|y\r",
    ] {
        let csv = Csv::from_bytes(text).unwrap();
        assert_eq!(csv.names(), ["a", "b"], "{text:?}");
        assert_eq!(cells(&csv), [["1", "x"], ["2", "y"]], "{text:?}");
    }
    let quoted = Csv::from_bytes("a,b\n\"1, \"\"2\"\"\n3\",x\n4,y").unwrap();
    assert_eq!(cells(&quoted), [["1, \"2\"\n3", "x"], ["4", "y"]]);
    let one = Csv::from_bytes("x\n1\n2\n").unwrap();
    assert_eq!((one.names(), one.num_rows()), (&["x".to_owned()][..], 2));
    let said = Csv::options().header(false).from_bytes("a,b\nc,d\n").unwrap();
    assert_eq!((said.names()[1].as_str(), said.num_rows()), ("1", 2));
    let said = Csv::options().header(true).from_bytes("2019,2020\n1,2\n").unwrap();
    assert_eq!(said.names(), ["2019", "2020"]);
    let index = Csv::from_bytes(",b\n1,2\n").unwrap();
    assert_eq!(index.names(), ["0", "b"]);
}

const SHIP: &str = "id,age,port,fare,seat,gone\n\
    1,22,S,7.25,a,no\n2,38,C,71.3,?,yes\n3,,S,8.05,b,yes\n4,35,,53.1,a,no\n5,NA,Q,13,b,no\n";

#[test]
fn the_report() {
    let csv = Csv::from_bytes(SHIP).unwrap().without(["id"]).unwrap().fill(Fill::Median).standardize();
    let want = "\
(bytes): 5 rows, 6 columns with names, parted by commas
column  kind      missing  values        becomes
id      number          0  1 to 5        left out
age     number          2  22 to 38      standardized, missing: the median
port    category        1  C, Q, S       4 features
fare    number          0  7.25 to 71.3  standardized
seat    category        1  a, b          3 features
gone    category        0  no, yes       2 features";
    assert_eq!(csv.to_string(), want);
    let odd = (0..30).map(|i| format!("{i},1,x,text {i}\n")).collect::<String>();
    let odd = Csv::from_bytes(odd).unwrap().to_string();
    assert!(odd.contains("as it is (another in each row: is it an id?)"), "{odd}");
    assert!(odd.contains("as it is (always the same)") && odd.contains("1 feature (always the same)"), "{odd}");
    let prepare = Preprocessor::fit_classification(&csv, "gone").unwrap();
    let want = "\
4 columns to 9 features
column  features  becomes
age            1  (x - 33.000000) / 5.621388, 35.000000 where missing
port           4  one of C, Q, S, or missing
fare           1  (x - 30.540000) / 26.556382, 13.000000 where missing
seat           3  one of a, b, or missing
gone              target, one of no, yes";
    assert_eq!(prepare.to_string(), want);
}

#[test]
fn what_becomes_of_missing_values() {
    let csv = Csv::from_bytes(SHIP).unwrap().without(["id"]).unwrap();
    let error = csv.classification::<Dyn>("gone").unwrap_err().to_string();
    let want = "(bytes): line 4, column `age`: a number is missing, and 1 more: \
                fill them by `fill`, or leave the rows out by `drop_missing`";
    assert_eq!(error, want);
    assert_eq!(csv.clone().drop_missing().num_rows(), 1);
    let ages = |csv: Csv| {
        let x = csv.classification::<Num<9>>("gone").unwrap().x.to_vec();
        x.iter().step_by(9).copied().collect::<Vec<f32>>()
    };
    assert_eq!(ages(csv.clone().fill(Fill::Median)), [22.0, 38.0, 35.0, 35.0, 35.0]);
    assert_eq!(ages(csv.clone().fill(Fill::Constant(-1.0))), [22.0, 38.0, -1.0, 35.0, -1.0]);
    let mean = csv.clone().fill_column("age", Fill::Mean).unwrap().fill(Fill::Median);
    assert_eq!(ages(mean)[2], (95.0f64 / 3.0) as f32);
    assert_eq!(ages(csv.fill(Fill::Median).min_max()), [0.0, 1.0, 0.8125, 0.8125, 0.8125]);
}

#[test]
fn columns_that_do_not_fit() {
    let csv = Csv::from_bytes(SHIP).unwrap().fill(Fill::Mean);
    let says = |error: crate::Error| error.to_string();
    assert_eq!(says(csv.clone().without(["agee"]).unwrap_err()), "(bytes): there is no column `agee` (is it `age`?)");
    assert_eq!(
        says(csv.clone().number(["port"]).unwrap().classification::<Dyn>("gone").unwrap_err()),
        "(bytes): line 2, column `port`: `S` is no number"
    );
    assert_eq!(
        says(csv.classification::<Num<4>>("gone").unwrap_err()),
        "the columns become 10 features, but the type has 4: `id`, `age`, `port` (4), `fare`, `seat` (3)"
    );
    assert_eq!(
        says(csv.classification::<Dyn>("fare").unwrap_err()),
        "(bytes): line 2, column `fare`: 7.25 is no class: is the target a number? Then it is a regression"
    );
    assert_eq!(
        says(csv.classification::<Dyn>("port").unwrap_err()),
        "(bytes): line 5, column `port`: the class is missing"
    );
    assert_eq!(
        says(csv.regression::<Dyn, Dyn>(["gone"]).unwrap_err()),
        "(bytes): line 2, column `gone`: `no` is no number"
    );
    let said = |text: &str| Csv::from_bytes(text).unwrap().regression::<Dyn, Dyn>(["y"]).unwrap_err().to_string();
    assert_eq!(said("x,y\n1,2\ninf,3\n"), "(bytes): line 3, column `x`: `inf` is no finite number");
    assert_eq!(said("x,y\n1,2\n1e39,3\n"), "(bytes): line 3, column `x`: `1e39` is too large for an f32");
    assert_eq!(said("x,y\n1,1e39\n"), "(bytes): line 2, column `y`: the target is too large for an f32");
    assert_eq!(said("x,y\n"), "(bytes): no rows to learn from");
    assert_eq!(said("y\n1\n"), "(bytes): no column is left to learn from");
    let huge = Csv::from_bytes("x,y\n-1.7e308,1\n1.7e308,2\n").unwrap().min_max();
    assert!(says(huge.regression::<Dyn, Dyn>(["y"]).unwrap_err()).contains("too large to be scaled"));
}

#[test]
fn columns_that_are_a_mistake() {
    let names = (0..150).map(|i| format!("{},name {i},{}\n", i % 7, i % 2)).collect::<String>();
    let csv = Csv::from_bytes(format!("x,name,y\n{names}")).unwrap();
    let error = csv.classification::<Dyn>("y").unwrap_err().to_string();
    assert!(error.contains("more than 100 different texts in `name`: leave them out by `without`"), "{error}");
    assert_eq!(csv.category(["name"]).unwrap().classification::<Dyn>("y").unwrap().x.shape(), [150, 151]);

    let leak = (0..40).map(|i| format!("{},{},{}\n", i % 7, i % 3, ["a", "b", "c"][i % 3])).collect::<String>();
    let csv = Csv::from_bytes(format!("x,number,name\n{leak}")).unwrap();
    let error = csv.classification::<Dyn>("name").unwrap_err().to_string();
    assert!(error.contains("column `number` says the same as the target `name` under other names"), "{error}");
    assert!(csv.classification::<Dyn>("number").unwrap_err().to_string().contains("column `name` says"));
    assert_eq!(csv.number(["number"]).unwrap().classification::<Num<2>>("name").unwrap().len(), 40);
}

/// Rows of another file become what they were at the fit, whatever the order of its columns.
#[test]
fn other_rows_are_prepared_alike() {
    let csv = Csv::from_bytes(SHIP).unwrap().without(["id"]).unwrap().fill(Fill::Median).standardize();
    let prepare = Preprocessor::fit_classification(&csv, "gone").unwrap();
    let x = prepare.features::<Num<9>>(&csv).unwrap().to_vec();
    let other = Csv::from_bytes("more,seat,fare,port,age\n0,b,8.05,S,\n1,?,71.3,C,38\n").unwrap();
    assert_eq!(prepare.features::<Num<9>>(&other).unwrap().to_vec(), [&x[18..27], &x[9..18]].concat());
    assert!(prepare.classification::<Dyn>(&other).unwrap_err().to_string().contains("there is no column `gone`"));

    let says = |text: &str| prepare.features::<Dyn>(&Csv::from_bytes(text).unwrap()).unwrap_err().to_string();
    assert_eq!(says("seat,fares,port\nb,8.05,S\n"), "(bytes): there is no column `age`, `fare` (is it `fares`?)");
    assert_eq!(
        says("seat,fare,port,age\nb,8.05,X,1\n"),
        "(bytes): line 2, column `port`: `X` is none of the categories `C`, `Q`, `S`"
    );
    let unknown = Csv::from_bytes("seat,fare,port,age\nb,8.05,X,\n").unwrap();
    let x = prepare.clone().ignore_unknown().features::<Num<9>>(&unknown).unwrap().to_vec();
    assert_eq!(x[1..5], [0.0; 4]);
    // At the fit no port was missing, and no fare.
    let whole = Csv::from_bytes("port,fare,y\nS,1,1\nC,1,2\n").unwrap();
    let prepare = Preprocessor::fit_regression(&whole, ["y"]).unwrap();
    let says = |text: &str| prepare.features::<Dyn>(&Csv::from_bytes(text).unwrap()).unwrap_err().to_string();
    assert_eq!(
        says("port,fare\n,1\n"),
        "(bytes): line 2, column `port`: a category is missing, which none was at the fit"
    );
    assert_eq!(says("port,fare\nS,?\n"), "(bytes): line 2, column `fare`: a number is missing");
}

#[test]
fn files_without_names() {
    let csv = Csv::from_bytes("7,M,1.5,0.1\n8,B,2.5,0.2\n9,B,3.5,0.3\n").unwrap().without(["0"]).unwrap();
    let prepare = Preprocessor::fit_classification(&csv, "1").unwrap();
    assert_eq!(prepare.classes(), ["B", "M"]);
    let full = prepare.features::<Num<2>>(&csv).unwrap().to_vec();
    let bare = prepare.options().from_bytes("7,1.5,0.1\n8,2.5,0.2\n9,3.5,0.3\n").unwrap();
    assert_eq!(prepare.features::<Num<2>>(&bare).unwrap().to_vec(), full);
    assert!(prepare.classification::<Num<2>>(&bare).unwrap_err().to_string().contains("the target is not there"));
    let narrow = prepare.options().from_bytes("7,1.5\n").unwrap();
    let error = prepare.features::<Num<2>>(&narrow).unwrap_err().to_string();
    assert_eq!(error, "(bytes): 2 columns, but the file of the fit had 4");
    let named = Csv::from_bytes("a,b,c,d\n7,M,1.5,0.1\n").unwrap();
    assert!(prepare.features::<Dyn>(&named).unwrap_err().to_string().contains("its first record has names"));
}

#[test]
fn saved_in_the_file_of_a_network() {
    let csv = Csv::options().decimal_comma().from_bytes("a;b;c\n1,5;x;u\n0,1;y;v\n0,3;;u\n").unwrap().standardize();
    let (folder, layer) =
        (tempfile::tempdir().unwrap(), Linear::<Num<2>, Num<2>>::init_with(&mut StdRng::seed_from_u64(0)));
    let path = folder.path().join("layer.safetensors");
    for prepare in [
        Preprocessor::fit(&csv).unwrap(),
        Preprocessor::fit_classification(&csv, "c").unwrap().ignore_unknown(),
        Preprocessor::fit_regression(&csv.fill(Fill::Constant(1e-300)), ["a"]).unwrap(),
    ] {
        layer.save_with(&path, &prepare).unwrap();
        assert_eq!(saved_with::<Preprocessor>(&path).unwrap(), prepare);
        let (bytes, json) = (std::fs::read(&path).unwrap(), serde_json::to_string(&prepare).unwrap());
        layer.save_with(&path, &prepare).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "the same state gives the same bytes");
        // Whatever is cut out of it, it is an error or what makes no panic.
        for at in 0..json.len() {
            let cut = [&json[..at], &json[at + 1..]].concat();
            if let Ok(read) = serde_json::from_str::<Preprocessor>(&cut) {
                let _ = (read.to_string(), read.feature_names(), read.features::<Dyn>(&Csv::from_bytes(SHIP).unwrap()));
            }
        }
    }
    let says = |json: &str| serde_json::from_str::<Preprocessor>(json).unwrap_err().to_string();
    assert_eq!(says("[]"), "no preprocessor");
    assert_eq!(says("{\"preprocessor\": 2}"), "a preprocessor of version 2, and not 1");
}

#[test]
fn rows_are_parted() {
    let text: String = (0..10).map(|i| format!("{i},{}\n", i * 2)).collect();
    let csv = Csv::from_bytes(format!("x,y\n{text}")).unwrap();
    let (train, test) = csv.split(0.3, &mut StdRng::seed_from_u64(0));
    assert_eq!((train.num_rows(), test.num_rows()), (7, 3));
    let mut all: Vec<&str> =
        [&train, &test].iter().flat_map(|part| (0..part.num_rows()).map(|row| part.get(row, "x").unwrap())).collect();
    all.sort_unstable();
    assert_eq!(all, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    assert_eq!(csv.select(&[3, 3, 0]).regression::<Num<1>, Num<1>>(["y"]).unwrap().y.to_vec(), [6.0, 6.0, 0.0]);
}

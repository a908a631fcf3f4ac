//! scikit-learn's toy data sets inside the crate. `SOURCES.md` has their sources and licences.

mod format;

use crate::data::{ClassificationSet, Dataset, RegressionSet};
use crate::dim::{Dyn, Nat, Num};
use crate::tensor::Tensor;
use format::{Column, Packed, unpack};

/// 1797 handwritten digits of 8 x 8 pixels, each a number from 0 to 16; ten classes. scikit-learn's `load_digits`.
///
/// Pixel `(row, column)` is feature `8 * row + column`.
///
/// Source: E. Alpaydin and C. Kaynak (1998), Optical Recognition of Handwritten Digits, UCI, the test part; CC BY 4.0.
///
/// ```
/// use fusion::prelude::*;
///
/// let digits = fusion::data::digits();
/// let x: Tensor<shape![Dyn, 64]> = digits.x / 16.0;
/// assert_eq!((x.shape()[0], digits.y.get(&[0])), (1797, Some(0)));
/// ```
pub fn digits() -> ClassificationSet<Num<64>> {
    classes(
        include_bytes!("digits.cols"),
        "Handwritten digits, 8 x 8 pixels from 0 to 16 (E. Alpaydin and C. Kaynak 1998, UCI, CC BY 4.0)",
    )
}

/// 150 iris flowers, four lengths in cm each; three species. scikit-learn's `load_iris`.
///
/// Source: R. A. Fisher (1936), The use of multiple measurements in taxonomic problems, UCI; CC BY 4.0.
///
/// ```
/// use fusion::prelude::*;
///
/// let iris = fusion::data::iris();
/// let x: Tensor<shape![Dyn, 4]> = iris.x.clone();
/// assert_eq!(x.to_vec()[..4], [5.1, 3.5, 1.4, 0.2]);
/// ```
pub fn iris() -> ClassificationSet<Num<4>> {
    classes(include_bytes!("iris.cols"), "Iris flowers, lengths in cm (R. A. Fisher 1936, UCI, CC BY 4.0)")
}

/// 178 Italian wines, 13 chemical figures each; three growers. scikit-learn's `load_wine`.
///
/// Source: M. Forina and others (1991), PARVUS, UCI; CC BY 4.0.
///
/// ```
/// use fusion::prelude::*;
///
/// let wine = fusion::data::wine();
/// let _: Tensor<shape![Dyn, 13]> = wine.x.clone();
/// assert_eq!(wine.feature_names()[0], "alcohol");
/// ```
pub fn wine() -> ClassificationSet<Num<13>> {
    classes(
        include_bytes!("wine.cols"),
        "Wines of three growers, 13 chemical figures (M. Forina and others 1991, UCI, CC BY 4.0)",
    )
}

/// 569 tumours of the breast, 30 figures of the cells' nuclei each; malignant (0) or benign (1). scikit-learn's
/// `load_breast_cancer`.
///
/// Source: W. Wolberg, O. Mangasarian, N. Street, W. Street (1993), Breast Cancer Wisconsin (Diagnostic), UCI; CC BY 4.0.
///
/// ```
/// use fusion::prelude::*;
///
/// let tumours = fusion::data::breast_cancer();
/// let _: Tensor<shape![Dyn, 30]> = tumours.x.clone();
/// assert_eq!(tumours.target_names(), ["malignant", "benign"]);
/// ```
pub fn breast_cancer() -> ClassificationSet<Num<30>> {
    classes(
        include_bytes!("breast_cancer.cols"),
        "Breast tumours, 30 figures of their nuclei (W. Wolberg and others 1993, UCI, CC BY 4.0)",
    )
}

/// 442 patients with diabetes, ten figures each, and the progression of the disease after a year, 25 to 346. Each
/// figure has mean 0 and a sum of squares of 1, as scikit-learn's `load_diabetes` gives them.
///
/// Source: B. Efron, T. Hastie, I. Johnstone, R. Tibshirani (2004), Least Angle Regression, Annals of Statistics 32(2).
///
/// ```
/// use fusion::prelude::*;
///
/// let diabetes = fusion::data::diabetes();
/// let (_, y): (Tensor<shape![Dyn, 10]>, Tensor<shape![Dyn, 1]>) = (diabetes.x, diabetes.y);
/// assert_eq!(y.get(&[0, 0]), Some(151.0));
/// ```
pub fn diabetes() -> RegressionSet<Num<10>, Num<1>> {
    let mut packed = unpack(DIABETES);
    let (_, features) = packed.columns.split_last_mut().expect("a target");
    for Column { values, .. } in features {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let norm = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>().sqrt();
        values.iter_mut().for_each(|x| *x = (*x - mean) / norm);
    }
    regression(packed, "Diabetes after a year, ten figures scaled to a sum of squares of 1 (B. Efron and others 2004)")
}

/// As [`diabetes`], with age, blood pressure and the rest in their own units: `load_diabetes(scaled=False)`.
///
/// ```
/// let patients = fusion::data::diabetes_raw();
/// assert_eq!((patients.feature_names()[0].as_str(), patients.x.get(&[0, 0])), ("age", Some(59.0)));
/// ```
pub fn diabetes_raw() -> RegressionSet<Num<10>, Num<1>> {
    regression(unpack(DIABETES), "Diabetes after a year, ten figures (B. Efron and others 2004)")
}

const DIABETES: &[u8] = include_bytes!("diabetes.cols");

fn classes<F: Nat>(file: &'static [u8], about: &str) -> ClassificationSet<F> {
    let packed = unpack(file);
    let (target, features) = packed.columns.split_last().expect("a target");
    let y = Tensor::<(Dyn,), i64>::from_fn_sized(&[packed.rows], |i| target.values[i] as i64);
    let names = features.iter().map(|column| column.name);
    Dataset::new(table(features, packed.rows), y.expect("a column"))
        .expect("a target for each row")
        .with_feature_names(names)
        .with_target_names(packed.classes)
        .with_description(about)
}

fn regression<F: Nat>(packed: Packed, about: &str) -> RegressionSet<F, Num<1>> {
    let (target, features) = packed.columns.split_last().expect("a target");
    let names = features.iter().map(|column| column.name);
    Dataset::new(table(features, packed.rows), table(std::slice::from_ref(target), packed.rows))
        .expect("a target for each row")
        .with_feature_names(names)
        .with_target_names([target.name])
        .with_description(about)
}

fn table<F: Nat>(columns: &[Column], rows: usize) -> Tensor<(Dyn, F)> {
    let number = |i: usize| columns[i % F::N].values[i / F::N] as f32;
    Tensor::from_fn_sized(&[rows, columns.len()], number).expect("as many columns as the type says")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    /// FNV-1a of 64 bits.
    fn checksum(bytes: impl Iterator<Item = u8>) -> u64 {
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
    }

    fn bytes(x: Vec<f32>) -> impl Iterator<Item = u8> {
        x.into_iter().flat_map(f32::to_le_bytes)
    }

    #[track_caller]
    fn check_classes<F: Nat>(data: &ClassificationSet<F>, want: u64, counts: &[usize]) {
        let found = checksum(bytes(data.x.to_vec()).chain(data.y.to_vec().into_iter().flat_map(i64::to_le_bytes)));
        assert_eq!(found, want, "{found:#x}");
        assert_eq!(data.class_counts().into_iter().map(|(_, n)| n).collect::<Vec<_>>(), counts);
        assert_eq!((data.feature_names().len(), data.target_names().len()), (F::N, counts.len()));
    }

    /// Checksums of scikit-learn's arrays: x as `<f4` and y as `<i8` or `<f4`, one after the other.
    #[test]
    fn equal_to_scikit_learns_arrays() {
        check_classes(&digits(), 0x795b_07fb_9e0a_928f, &[178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
        check_classes(&iris(), 0xa7eb_8a46_ada8_96c7, &[50, 50, 50]);
        check_classes(&wine(), 0x9ae1_d1fb_4666_8f59, &[59, 71, 48]);
        check_classes(&breast_cancer(), 0x316e_eacd_2233_9906, &[212, 357]);
        for (data, want) in [(diabetes(), 0x6f08_5954_fa7b_8646), (diabetes_raw(), 0x486e_da65_2c39_b693)] {
            let found = checksum(bytes(data.x.to_vec()).chain(bytes(data.y.to_vec())));
            assert_eq!(found, want, "{found:#x}");
            assert_eq!((data.len(), data.feature_names().len()), (442, 10));
        }
    }

    /// Compares with a CSV file of `$FUSION_DATA/sklearn-toy`, if there is one.
    fn check_file(name: &str, features: &[String], x: Vec<f32>, y: Vec<f32>) {
        let Some(folder) = std::env::var_os("FUSION_DATA") else {
            return;
        };
        let file = PathBuf::from(folder).join("sklearn-toy").join(name);
        let text = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let mut lines = text.lines();
        let header: Vec<&str> = lines.next().unwrap().split(',').collect();
        assert_eq!(header[..features.len()], *features);
        let number = |field: &&str| field.parse::<f64>().unwrap() as f32;
        let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
        let csv: Vec<f32> = rows.iter().flat_map(|row| row[..features.len()].iter().map(number)).collect();
        assert!(csv == x, "{name}");
        assert_eq!(rows.iter().map(|row| number(&row[features.len()])).collect::<Vec<_>>(), y);
    }

    #[test]
    fn equal_to_the_csv_files() {
        fn classes<F: Nat>(name: &str, data: &ClassificationSet<F>) {
            let y = data.y.to_vec().into_iter().map(|y| y as f32).collect();
            check_file(name, data.feature_names(), data.x.to_vec(), y);
        }
        classes("digits.csv", &digits());
        classes("iris.csv", &iris());
        classes("wine.csv", &wine());
        classes("breast_cancer.csv", &breast_cancer());
        for (name, data) in [("diabetes.csv", diabetes()), ("diabetes_raw.csv", diabetes_raw())] {
            check_file(name, data.feature_names(), data.x.to_vec(), data.y.to_vec());
        }
    }
}

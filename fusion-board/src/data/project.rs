//! Rows as points in space, near each other if they are alike.

use super::set::{Column, Pictures, Set, sample};
use bhtsne::{Neighbor, tSNE};
use fusion::data::{Pca, Standardizer};
use fusion::prelude::*;
use serde::Serialize;

/// The most rows that are projected: by principal components, by t-SNE.
const ROWS: (usize, usize) = (5000, 2000);
/// The most columns.
const COLUMNS: usize = 256;
/// The most numbers that are left of a picture: 14 x 14 grey pixels, 8 x 8 coloured ones.
const PIXELS: usize = 200;
/// How many columns t-SNE sees, those of principal components if there are more.
type Seen = dim!(50);
/// t-SNE needs some rows.
const FEWEST: usize = 10;
const EPOCHS: usize = 500;
/// After so many epochs it is shown how far it is.
const SHOWN: usize = 20;
/// How many rows a row of t-SNE is near to, about.
const PERPLEXITY: usize = 30;

/// How rows are projected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    Pca,
    Tsne,
}

/// Points, one for each row.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Points {
    pub places: Vec<[f32; 3]>,
    /// The rows that they stand for.
    pub rows: Vec<usize>,
    /// The share of the variance along each axis; of t-SNE none.
    pub shares: Vec<f64>,
    /// What was done before, in sentences.
    pub notes: Vec<String>,
}

/// Numbers of rows.
struct Features {
    x: Tensor<shape![Dyn, Dyn], f64>,
    rows: Vec<usize>,
    notes: Vec<String>,
}

/// The points of a set. `told` is called now and then with how far it is, 0 to 1, and the points so far. The column of classes is
/// left out of what is seen.
///
/// # Errors
/// If there is nothing to project, as a sentence.
pub fn project(
    set: &Set,
    class: Option<&Column>,
    way: Way,
    mut told: impl FnMut(f64, Points) + Send,
) -> Result<Points, String> {
    let most = if way == Way::Pca { ROWS.0 } else { ROWS.1 };
    let Features { x, rows, mut notes } = match &set.pictures {
        Some(pictures) => of_pictures(pictures, set.rows, most)?,
        None => of_table(set, class, most)?,
    };
    if rows.len() < set.rows {
        notes.push(format!("{} of {} rows, drawn at random.", rows.len(), set.rows));
    }
    let wrong = |error: fusion::Error| error.to_string();
    let pca = Pca::<_, dim!(3), f64>::fit(&x).map_err(wrong)?;
    let places = places(&pca.transform(&x).to_vec());
    let points = Points { places, rows, shares: pca.shares.to_vec(), notes };
    if way == Way::Pca {
        return Ok(points);
    }
    let seen: Vec<Vec<f32>> = match x.shape()[1] > Seen::N {
        false => table(&x),
        true => table(&Pca::<_, Seen, f64>::fit(&x).map_err(wrong)?.transform(&x)),
    };
    let start = Points { shares: Vec::new(), ..points };
    let shown = |places: &[f32]| Points { places: self::places(places), ..start.clone() };
    let found = tsne(&seen, &start.places, |done, places| told(done, shown(places)))?;
    Ok(shown(&found))
}

fn places<T: Float>(numbers: &[T]) -> Vec<[f32; 3]> {
    numbers.chunks_exact(3).map(|place| [0, 1, 2].map(|axis| Into::<f64>::into(place[axis]) as f32)).collect()
}

fn table<F: Dim>(x: &Tensor<(Dyn, F), f64>) -> Vec<Vec<f32>> {
    x.to_vec().chunks_exact(x.shape()[1].max(1)).map(|row| row.iter().map(|&x| x as f32).collect()).collect()
}

fn of_table(set: &Set, class: Option<&Column>, most: usize) -> Result<Features, String> {
    let is_seen = |column: &&Column| !column.is_target && class.is_none_or(|class| class.name != column.name);
    let all: Vec<&[f64]> = set.columns.iter().filter(is_seen).filter_map(Column::as_numbers).collect();
    let is_told = |numbers: &[f64]| numbers.iter().any(|x| x.is_finite());
    let columns: Vec<&[f64]> = all.iter().copied().filter(|numbers| is_told(numbers)).take(COLUMNS).collect();
    if columns.is_empty() {
        return Err("There is no column of numbers to project.".to_owned());
    }
    let mut notes = vec![format!(
        "Of {} of numbers, each brought to mean 0 and standard deviation 1.",
        count(columns.len(), "column")
    )];
    if all.len() > COLUMNS {
        notes.push(format!("Only the first {COLUMNS} of {} columns are seen.", all.len()));
    }
    let rows = sample(set.rows, most);
    let (mut filled, width) = (0, columns.len().max(3));
    // Columns of zeros make three directions of one or two.
    let mut numbers = vec![0.0; rows.len() * width];
    for (at, column) in columns.iter().enumerate() {
        let known = rows.iter().map(|&row| column[row]).filter(|x| x.is_finite());
        let (sum, n) = known.fold((0.0, 0.0), |(sum, n), x| (sum + x, n + 1.0));
        let mean = if n > 0.0 { sum / n } else { 0.0 };
        for (number, &row) in numbers.iter_mut().skip(at).step_by(width).zip(&rows) {
            let is_known = column[row].is_finite();
            filled += usize::from(!is_known);
            *number = if is_known { column[row] } else { mean };
        }
    }
    if filled > 0 {
        notes.push(format!("{} missing: the mean of the column stands in their place.", count(filled, "number")));
    }
    let x = Tensor::from_vec_sized(numbers, &[rows.len(), width]).map_err(|error| error.to_string())?;
    Ok(Features { x: Standardizer::fit(&x).transform(&x), rows, notes })
}

fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// Pictures with fewer pixels, each the mean of those that lie there.
fn of_pictures(pictures: &Pictures, rows: usize, most: usize) -> Result<Features, String> {
    let Pictures { channels, height, width, .. } = *pictures;
    let side = (PIXELS / channels).isqrt();
    let (high, wide) = (height.min(side), width.min(side));
    let rows = sample(rows, most);
    let mut numbers = Vec::with_capacity(rows.len() * (channels * high * wide).max(3));
    for &row in &rows {
        for plane in pictures.of(row).chunks_exact(height * width) {
            for (top, bottom) in (0..high).map(|y| (y * height / high, (y + 1) * height / high)) {
                for (left, right) in (0..wide).map(|x| (x * width / wide, (x + 1) * width / wide)) {
                    let sum: u32 =
                        (top..bottom).flat_map(|y| &plane[y * width..][left..right]).map(|&x| u32::from(x)).sum();
                    numbers.push(f64::from(sum) / ((bottom - top) * (right - left)) as f64 / 255.0);
                }
            }
        }
        let seen = channels * high * wide;
        numbers.extend(std::iter::repeat_n(0.0, 3usize.saturating_sub(seen)));
    }
    let columns = (channels * high * wide).max(3);
    let x = Tensor::from_vec_sized(numbers, &[rows.len(), columns]).map_err(|error| error.to_string())?;
    let mut notes = vec!["Of the images' pixels.".to_owned()];
    if (high, wide) != (height, width) {
        notes[0] = format!("Of the images' pixels, brought to {high} x {wide}.");
    }
    Ok(Features { x, rows, notes })
}

/// t-SNE in three dimensions, which begins with these places: L. van der Maaten (2014), Accelerating t-SNE using tree-based
/// algorithms. The same rows give the same points.
fn tsne(rows: &[Vec<f32>], start: &[[f32; 3]], mut told: impl FnMut(f64, &[f32]) + Send) -> Result<Vec<f32>, String> {
    if rows.len() < FEWEST {
        return Err(format!("t-SNE needs {FEWEST} rows, and there are {}.", rows.len()));
    }
    let perplexity = PERPLEXITY.min((rows.len() - 1) / 3);
    let near: Vec<_> = (0..rows.len()).map(|row| neighbours(rows, row, 3 * perplexity)).collect();
    // Begun small, as in scikit-learn: what is together finds each other first.
    let squares: f64 = start.iter().map(|place| f64::from(place[0]).powi(2)).sum();
    let spread = (squares / start.len() as f64).sqrt() as f32;
    let scale = if spread > 0.0 { 1e-4 / spread } else { 0.0 };
    // Rows that are all alike would never part.
    let apart = |row: usize, axis: usize| ((row * 3 + axis) as f32 * 2.399_963).sin() * 1e-6;
    let begun: Vec<f32> = start
        .iter()
        .enumerate()
        .flat_map(|(row, place)| [0, 1, 2].map(|axis| place[axis] * scale + apart(row, axis)))
        .collect();
    // Several threads add up in another order each time, and a last digit grows until points lie elsewhere.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().map_err(|error| error.to_string())?;
    let found = pool.install(|| {
        let mut run = tSNE::<f32, Vec<f32>, 3>::new(rows);
        run.perplexity(perplexity as f32).epochs(EPOCHS).initial_embedding(begun).epoch_callback(|epoch, places| {
            if epoch % SHOWN == 0 && places.iter().all(|x| x.is_finite()) {
                told(epoch as f64 / EPOCHS as f64, places);
            }
        });
        run.barnes_hut_with_neighbors(0.5, &near);
        run.embedding()
    });
    match found.iter().all(|x| x.is_finite()) {
        true => Ok(found),
        false => Err("t-SNE finds no places for these rows: its numbers grow beyond all bounds.".to_owned()),
    }
}

/// The rows that are nearest to a row, the nearest first; of equally near ones the first.
fn neighbours(rows: &[Vec<f32>], row: usize, most: usize) -> Vec<Neighbor<f32>> {
    let far = |other: usize| rows[row].iter().zip(&rows[other]).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt();
    let others = (0..rows.len()).filter(|&other| other != row);
    let mut near: Vec<_> = others.map(|index| Neighbor { index, distance: far(index) }).collect();
    let order = |a: &Neighbor<f32>, b: &Neighbor<f32>| a.distance.total_cmp(&b.distance).then(a.index.cmp(&b.index));
    if most < near.len() {
        near.select_nth_unstable_by(most, order);
        near.truncate(most);
    }
    near.sort_unstable_by(order);
    near
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::read::embedded;

    /// Of each point's five nearest, the share that has its class.
    fn purity(set: &Set, points: &Points) -> f64 {
        let groups = set.usual_class().expect("classes").groups();
        let class = |at: usize| groups.of[points.rows[at]];
        let rows: Vec<Vec<f32>> = points.places.iter().map(|place| place.to_vec()).collect();
        let same = |row: usize| neighbours(&rows, row, 5).iter().filter(|near| class(near.index) == class(row)).count();
        (0..rows.len()).map(same).sum::<usize>() as f64 / (5 * rows.len()) as f64
    }

    #[test]
    fn classes_of_wine_lie_apart() {
        let set = embedded("wine").expect("a set");
        let pca = project(&set, set.usual_class(), Way::Pca, |_, _| panic!("at once")).expect("points");
        assert_eq!((pca.places.len(), pca.shares.len()), (178, 3));
        // scikit-learn's explained_variance_ratio_ of the scaled set.
        assert!((pca.shares[0] - 0.36198848).abs() < 1e-6);
        let mut shown = Vec::new();
        let tsne = project(&set, set.usual_class(), Way::Tsne, |done, points| shown.push((done, points.places.len())))
            .expect("points");
        assert!(purity(&set, &tsne) > 0.9, "{}", purity(&set, &tsne));
        assert!(shown.len() == EPOCHS / SHOWN && shown.iter().all(|(done, n)| *done < 1.0 && *n == 178));
        let again = project(&set, set.usual_class(), Way::Tsne, |_, _| {}).expect("points");
        assert_eq!(tsne.places, again.places);
    }

    #[test]
    fn odd_sets() {
        let set = |columns| Set::table(String::new(), 20, columns);
        let wave = || (0..20).map(|i| f64::from(i).sin()).collect::<Vec<_>>();
        let error = |set: &Set, way| project(set, None, way, |_, _| {}).expect_err("nothing to project");
        assert_eq!(error(&set(vec![]), Way::Pca), "There is no column of numbers to project.");
        let few = Set::table(String::new(), 9, vec![Column::numbers("x", wave()[..9].to_vec())]);
        assert_eq!(error(&few, Way::Tsne), "t-SNE needs 10 rows, and there are 9.");
        let one = Set::table(String::new(), 1, vec![Column::numbers("x", vec![1.0])]);
        assert!(error(&one, Way::Pca).contains("1 rows have no directions"));
        // One column, with what is missing; two that are always the same.
        let mut gaps = wave();
        (gaps[3], gaps[5]) = (f64::NAN, f64::INFINITY);
        for columns in [
            vec![Column::numbers("x", gaps)],
            vec![Column::numbers("a", vec![1.0; 20]), Column::numbers("b", vec![2.0; 20])],
        ] {
            for way in [Way::Pca, Way::Tsne] {
                let points = project(&set(columns.iter().map(copy).collect()), None, way, |_, _| {}).expect("points");
                assert!(points.places.len() == 20 && points.places.iter().flatten().all(|x| x.is_finite()));
            }
        }
    }

    fn copy(column: &Column) -> Column {
        Column::numbers(column.name.clone(), column.as_numbers().expect("numbers").to_vec())
    }

    #[test]
    fn pictures_are_made_smaller() {
        let pixels: Vec<u8> = (0..2 * 3 * 40 * 20).map(|i| (i / 800 * 10) as u8).collect();
        let features = of_pictures(&Pictures { channels: 3, height: 40, width: 20, pixels }, 2, 10).expect("numbers");
        assert_eq!(features.x.shape(), [2, 3 * 8 * 8]);
        assert_eq!(features.x.get(&[1, 0]), Some(30.0 / 255.0));
        let tiny =
            of_pictures(&Pictures { channels: 1, height: 1, width: 1, pixels: vec![255, 0] }, 2, 10).expect("numbers");
        assert_eq!(tiny.x.to_vec(), [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    }
}

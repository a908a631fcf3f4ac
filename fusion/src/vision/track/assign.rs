//! Who belongs to whom.

use pathfinding::kuhn_munkres::kuhn_munkres;
use pathfinding::matrix::Matrix;

/// Pairs of a row and a column, none in two pairs, of the largest sum of weights. Pairs of weight 0 are none.
pub(super) fn assign(rows: usize, columns: usize, weight: impl Fn(usize, usize) -> i64) -> Vec<(usize, usize)> {
    if rows == 0 || columns == 0 {
        return Vec::new();
    }
    // The solver wants no more rows than columns.
    let turned = rows > columns;
    let at = |row, column| if turned { weight(column, row) } else { weight(row, column) };
    let (short, long) = (rows.min(columns), rows.max(columns));
    let mut weights = Matrix::new(short, long, 0);
    for row in 0..short {
        for column in 0..long {
            weights[(row, column)] = at(row, column);
        }
    }
    let chosen = kuhn_munkres(&weights).1.into_iter().enumerate();
    let pairs = chosen.filter(|&(row, column)| weights[(row, column)] > 0);
    pairs.map(|(row, column)| if turned { (column, row) } else { (row, column) }).collect()
}

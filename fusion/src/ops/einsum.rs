//! Sums of products by the letters of their axes: what `einsum!` calls.
//!
//! Operands are multiplied from left to right. Of each pair, letters that nothing needs any more are summed: in one operand
//! alone by a sum, in both by a product of stacks of matrices, whose batch are the letters that both have and something needs.
//! All of it is made of other operations, and so are the gradients.

use super::binary::mul;
use super::matmul::matmul;
use super::part::diagonal;
use super::reduce::sum;
use super::shape::{permute, reshape, unsqueeze};
use crate::graph::Value;
use crate::kernels::{Array, Dims};
use crate::tensor::{Float, Tensor};
use crate::{Error, Result};

/// An element type that `einsum!` takes.
#[diagnostic::on_unimplemented(
    message = "`einsum!` takes tensors of `f32` or `f64`, and this one is of `{Self}`",
    label = "a tensor of `{Self}`",
    note = "`.cast::<f32>()` makes a tensor of `f32`"
)]
pub trait Multiplied {}

#[diagnostic::do_not_recommend]
impl<T: Float> Multiplied for T {}

/// The element type of an operand of `einsum!` whose first operand is of `T`.
#[diagnostic::on_unimplemented(
    message = "the operands of `einsum!` are of one element type, but the first is of `{T}` and this one of `{Self}`",
    label = "a tensor of `{Self}`",
    note = "`.cast::<{T}>()` makes a tensor of `{T}`"
)]
pub trait ElementOf<T> {}

impl<T> ElementOf<T> for T {}

/// The value of an operand.
pub fn operand<S, T>(x: &Tensor<S, T>) -> &Value {
    x.value()
}

/// The result with the shape that `einsum!` worked out.
pub fn typed<S, T>(result: Value) -> Tensor<S, T> {
    Tensor::wrap(result)
}

/// As [`try_einsum`]; panics if two sizes of a letter differ.
#[track_caller]
pub fn einsum(operands: &[(&Value, &str)], result: &str) -> Value {
    super::or_panic(try_einsum(operands, result))
}

/// The sum of the products of the operands over all letters that are not in `result`, with the axes in the order of `result`.
/// An error if two sizes of a letter differ, or there is no room.
#[track_caller]
pub fn try_einsum(operands: &[(&Value, &str)], result: &str) -> Result<Value> {
    check(operands)?;
    let mut operands = operands.iter().map(|(x, letters)| Lettered::new((*x).clone(), letters.as_bytes().to_vec()));
    let mut product = operands.next().expect("einsum! has an operand");
    while let Some(next) = operands.next() {
        let needed = |letter: &u8| result.as_bytes().contains(letter) || operands.clone().any(|x| x.has(*letter));
        product = product.times(next, &needed)?;
    }
    let kept = product.kept(|letter| result.as_bytes().contains(letter));
    Ok(kept.ordered(result.as_bytes()))
}

/// Has each letter one size?
fn check(operands: &[(&Value, &str)]) -> Result<()> {
    let mut found: [Option<(usize, usize)>; 128] = [None; 128];
    for (i, (x, letters)) in operands.iter().enumerate() {
        assert!(x.shape().rank() == letters.len(), "einsum: `{letters}` are not the axes of {:?}", x.shape());
        for (letter, size) in letters.bytes().zip(x.shape().iter()) {
            let (first, place) = *found[usize::from(letter)].get_or_insert((size, i));
            if first != size {
                let (letter, place, other) = (char::from(letter), ORDINALS[place], ORDINALS[i]);
                let text = format_args!(
                    "einsum: `{letter}` is {first} in the {place} operand and {size} in the {other}: a letter stands for one size"
                );
                return Err(Error::shape(text));
            }
        }
    }
    Ok(())
}

const ORDINALS: [&str; 8] = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"];

/// A value with a letter for each axis.
#[derive(Clone)]
struct Lettered {
    x: Value,
    letters: Vec<u8>,
}

impl Lettered {
    /// Of letters that may be there several times: then it is the diagonal.
    #[track_caller]
    fn new(mut x: Value, mut letters: Vec<u8>) -> Self {
        let mut axis = 0;
        while axis < letters.len() {
            match letters[..axis].iter().position(|other| *other == letters[axis]) {
                Some(first) => {
                    x = diagonal(x, [first, axis], 0);
                    // Its place is the last; what stood behind the two moves up.
                    let letter = letters.remove(axis);
                    letters.remove(first);
                    letters.push(letter);
                    axis -= 1;
                }
                None => axis += 1,
            }
        }
        Self { x, letters }
    }

    fn has(&self, letter: u8) -> bool {
        self.letters.contains(&letter)
    }

    /// The letters for which this is true.
    fn those(&self, of: impl Fn(&u8) -> bool) -> Vec<u8> {
        self.letters.iter().copied().filter(of).collect()
    }

    /// How many elements these letters have together.
    fn count(&self, letters: &[u8]) -> usize {
        self.letters.iter().zip(self.x.shape().iter()).filter(|(l, _)| letters.contains(l)).map(|(_, n)| n).product()
    }

    /// The sum over all other letters.
    #[track_caller]
    fn kept(self, keep: impl Fn(&u8) -> bool) -> Self {
        let axes =
            self.letters.iter().enumerate().filter(|(_, letter)| !keep(letter)).fold(0, |set, (i, _)| set | 1 << i);
        if axes == 0 {
            return self;
        }
        Self { letters: self.those(keep), x: sum(&self.x, axes, false) }
    }

    /// The axes in the order of these letters, which are all of them.
    #[track_caller]
    fn ordered(self, letters: &[u8]) -> Value {
        let place = |letter: &u8| self.letters.iter().position(|other| other == letter).expect("all letters");
        let order: Vec<usize> = letters.iter().map(place).collect();
        if order.is_sorted() { self.x } else { permute(self.x, &order) }
    }

    /// The product with the next operand, summed over the letters that are not needed.
    #[track_caller]
    fn times(self, other: Self, needed: &dyn Fn(&u8) -> bool) -> Result<Self> {
        let a = self.clone().kept(|letter| needed(letter) || other.has(*letter));
        let b = other.kept(|letter| needed(letter) || self.has(*letter));
        let batch = a.those(|letter| b.has(*letter) && needed(letter));
        let inner = a.those(|letter| b.has(*letter) && !needed(letter));
        let (left, right) = (a.those(|letter| !b.has(*letter)), b.those(|letter| !a.has(*letter)));
        let letters = [&batch[..], &left, &right].concat();
        let size = |letter: &u8| if a.has(*letter) { a.count(&[*letter]) } else { b.count(&[*letter]) };
        let sizes: Vec<usize> = letters.iter().map(size).collect();
        let shape = Dims::try_new(&sizes)?;
        Array::room(&shape, a.x.dtype())?;
        let x = if inner.is_empty() {
            // Nothing is summed: an axis that only one of them has is of size 1 in the other.
            let x = ones(a.ordered(&[&batch[..], &left].concat()), letters.len() - right.len(), right.len());
            mul(x, &ones(b.ordered(&[&batch[..], &right].concat()), batch.len(), left.len()))
        } else if left.is_empty() && right.is_empty() && !batch.is_empty() {
            let order = [&batch[..], &inner].concat();
            let all = mul(a.ordered(&order), &b.ordered(&order));
            sum(&all, (batch.len()..order.len()).fold(0, |set, axis| set | 1 << axis), false)
        } else {
            // A batch of too many axes for a stack of matrices is one axis.
            let several = if batch.len() > 4 { &[a.count(&batch)][..] } else { &sizes[..batch.len()] };
            let (m, k, n) = (a.count(&left), a.count(&inner), b.count(&right));
            let x = a.ordered(&[&batch[..], &left, &inner].concat());
            let y = b.ordered(&[&batch[..], &inner, &right].concat());
            let x = matrices(x, several, batch.len(), left.len(), [m, k]);
            let y = matrices(y, several, batch.len(), inner.len(), [k, n]);
            reshape(matmul(x, y), &shape)
        };
        Ok(Self { x, letters })
    }
}

/// `x` with `count` new axes of size 1 before `axis`.
#[track_caller]
fn ones(x: Value, axis: usize, count: usize) -> Value {
    (0..count).fold(x, |x, _| unsqueeze(x, axis))
}

/// A stack of matrices of these sizes, of a value whose axes are `batch` of the stack, `rows` of the rows, and the rest of the
/// columns: a view where no axes become one.
#[track_caller]
fn matrices(x: Value, stack: &[usize], batch: usize, rows: usize, sizes: [usize; 2]) -> Value {
    let columns = x.shape().rank() - batch - rows;
    if rows > 1 || columns > 1 || stack.len() != batch {
        return reshape(x, &Dims::new(&[stack, &sizes].concat()));
    }
    let x = if rows == 0 { unsqueeze(x, batch) } else { x };
    if columns == 0 { unsqueeze(x, batch + 1) } else { x }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::derivatives::{any, first_and_second};

    /// Every expression against the sum over all indices, written out.
    #[test]
    fn sums_of_products() {
        let size = |letter: u8| 2 + usize::from(letter) % 3;
        for (terms, result) in EXPRESSIONS {
            let shape = |letters: &str| letters.bytes().map(size).collect::<Vec<_>>();
            let values: Vec<Value> = terms.iter().enumerate().map(|(i, term)| any(i, &shape(term))).collect();
            let operands: Vec<(&Value, &str)> = values.iter().zip(terms.iter().copied()).collect();
            let y = einsum(&operands, result);
            assert_eq!(y.shape(), &Dims::new(&shape(result)), "{terms:?} {result}");

            let mut letters: Vec<u8> = result.bytes().collect();
            for letter in terms.iter().flat_map(|term| term.bytes()) {
                if !letters.contains(&letter) {
                    letters.push(letter);
                }
            }
            let count: usize = letters.iter().map(|&letter| size(letter)).product();
            let mut expected = vec![0.0; y.array().count()];
            let summed = count / expected.len();
            for i in 0..count {
                let mut rest = i;
                let mut index = [0; 128];
                for &letter in letters.iter().rev() {
                    index[usize::from(letter)] = rest % size(letter);
                    rest /= size(letter);
                }
                let product: f64 = operands
                    .iter()
                    .map(|(x, letters)| {
                        let at: Vec<usize> = letters.bytes().map(|letter| index[usize::from(letter)]).collect();
                        x.array().get::<f64>(&at).expect("inside")
                    })
                    .product();
                expected[i / summed] += product;
            }
            for (y, expected) in y.array().to_vec::<f64>().into_iter().zip(expected) {
                assert!((y - expected).abs() < 1e-12, "{terms:?} {result}: {y} and {expected}");
            }
            first_and_second(&values, |values| {
                einsum(&values.iter().zip(terms.iter().copied()).collect::<Vec<_>>(), result)
            });
        }
    }

    const EXPRESSIONS: [(&[&str], &str); 30] = [
        (&["i"], ""),
        (&["ij"], "ji"),
        (&["ij"], "i"),
        (&["ij"], ""),
        (&["ii"], ""),
        (&["ii"], "i"),
        (&["iii"], "i"),
        (&["iji"], "ji"),
        (&["jiij"], "ij"),
        (&["ij", "jk"], "ik"),
        (&["ij", "jk"], "ki"),
        (&["ji", "kj"], "ik"),
        (&["i", "i"], ""),
        (&["i", "j"], "ij"),
        (&["i", "j"], "ji"),
        (&["ij", "ij"], ""),
        (&["ij", "ij"], "i"),
        (&["ij", "ij"], "ij"),
        (&["ij", "j"], "i"),
        (&["bij", "bjk"], "bik"),
        (&["bhid", "bhjd"], "bhij"),
        (&["bijk", "jkl"], "bil"),
        (&["bijk", "kjl"], "lib"),
        (&["ij", "kl"], "ik"),
        (&["ii", "ij"], "j"),
        (&["", "i"], "i"),
        (&["ij", "jk", "kl"], "il"),
        (&["bi", "oij", "bj"], "bo"),
        (&["i", "i", "i"], "i"),
        (&["ab", "bc", "cd", "de"], "ae"),
    ];

    #[test]
    fn a_batch_of_five_axes() {
        let (x, y) = (any(0, &[1, 2, 1, 2, 1, 3]), any(1, &[1, 2, 1, 2, 1, 3]));
        let z = einsum(&[(&x, "abcdek"), (&y, "abcdek")], "abcde");
        assert_eq!(*z.shape(), [1, 2, 1, 2, 1][..]);
        first_and_second(&[x, any(2, &[2, 1, 3])], |x| einsum(&[(&x[0], "abcdek"), (&x[1], "bek")], "dabce"));
    }

    #[test]
    fn what_differs_is_said() {
        let error = try_einsum(&[(&any(0, &[2, 3]), "ij"), (&any(1, &[4, 2]), "jk")], "ik").unwrap_err();
        let sentence = "einsum: `j` is 3 in the first operand and 4 in the second: a letter stands for one size";
        assert_eq!(error.to_string(), sentence);
        let error = try_einsum(&[(&any(0, &[2, 3]), "ii")], "i").unwrap_err();
        assert!(error.to_string().contains("`i` is 2 in the first operand and 3 in the first"), "{error}");
    }
}

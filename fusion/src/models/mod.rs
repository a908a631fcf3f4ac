//! Networks of the literature, declared with [`model!`](crate::model).

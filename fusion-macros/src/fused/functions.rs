//! What formulas are made of: the functions of one element, and those that are written with others.
//!
//! A function is a row here. `lanes` in the library computes it on vectors, and an operation of the same name takes the
//! gradient of its gradient.

/// A function of one element.
pub struct Unary {
    /// As the tensor's method.
    pub name: &'static str,
    /// Its other names.
    pub aliases: &'static [&'static str],
    /// What it costs, in multiplications.
    pub cost: usize,
    /// Its gradient: from the incoming one `g`, the argument `x` and the result `y`.
    pub gradient: &'static str,
}

macro_rules! unary {
    ($($name:literal $(| $alias:literal)* costs $cost:literal, gradient $gradient:literal;)*) => {
        &[$(Unary { name: $name, aliases: &[$($alias),*], cost: $cost, gradient: $gradient }),*]
    };
}

/// All functions of one element.
pub const UNARY: &[Unary] = unary! {
    "abs" costs 1, gradient "g * sign(x)";
    "acos" costs 50, gradient "-(g * rsqrt((1 - x) * (1 + x)))";
    "asin" costs 50, gradient "g * rsqrt((1 - x) * (1 + x))";
    "atan" costs 50, gradient "g / (1 + square(x))";
    "ceil" costs 1, gradient "0";
    "cos" costs 50, gradient "-(g * sin(x))";
    "cosh" costs 30, gradient "g * sinh(x)";
    "erf" costs 30, gradient "1.1283791670955126 * g * exp(-square(x))";
    "exp" costs 15, gradient "g * y";
    "exp_m1" | "expm1" costs 20, gradient "g * (y + 1)";
    "floor" costs 1, gradient "0";
    "ln" | "log" costs 20, gradient "g / x";
    "ln_1p" | "log1p" costs 25, gradient "g / (1 + x)";
    "log2" costs 20, gradient "g / (0.6931471805599453 * x)";
    "normal_cdf" | "ndtr" costs 50, gradient "g * normal_density(x)";
    "recip" | "reciprocal" costs 8, gradient "-(g * (y * y))";
    "relu" costs 1, gradient "where_(y <= 0, 0, g)";
    "round" costs 1, gradient "0";
    "rsqrt" costs 16, gradient "-0.5 * (g * (y * y * y))";
    "sigmoid" costs 24, gradient "g * (y * (1 - y))";
    "sign" | "signum" costs 2, gradient "0";
    "sin" costs 50, gradient "g * cos(x)";
    "sinh" costs 30, gradient "g * cosh(x)";
    "softplus" costs 35, gradient "g * sigmoid(x)";
    "sqrt" costs 8, gradient "g / (2 * y)";
    "square" costs 1, gradient "2 * g * x";
    "tan" costs 60, gradient "g * (1 + square(y))";
    "tanh" costs 30, gradient "g * (1 - y * y)";
    "tanh_softplus" costs 50,
        gradient "{ let q = sigmoid(-x); g * (sigmoid(x) * square(2 * q / (1 + square(q)))) }";
    "trunc" costs 1, gradient "0";
};

/// A function that is written with others.
pub struct Derived {
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    pub params: &'static [&'static str],
    /// How many of the last parameters are numbers.
    pub numbers: usize,
    pub formula: &'static str,
}

macro_rules! derived {
    ($($name:ident $(| $alias:ident)* ($($x:ident),*; $numbers:literal) = $formula:literal;)*) => {
        &[$(Derived {
            name: stringify!($name),
            aliases: &[$(stringify!($alias)),*],
            params: &[$(stringify!($x)),*],
            numbers: $numbers,
            formula: $formula,
        }),*]
    };
}

/// All functions that are written with others.
pub const DERIVED: &[Derived] = derived! {
    clamp(x, low, high; 2) = "where_(x <= low, low, where_(high <= x, high, x))";
    elu(x, alpha; 1) = "where_(x <= 0, alpha * exp_m1(where_(x <= 0, x, 0)), x)";
    gelu(x; 0) = "x * normal_cdf(x)";
    leaky_relu(x, slope; 1) = "where_(x > 0, x, x * slope)";
    log_sigmoid(x; 0) = "-softplus(-x)";
    mish(x; 0) = "x * tanh_softplus(x)";
    normal_density(x; 0) = "0.3989422804014327 * exp(-0.5 * square(x))";
    silu | swish(x; 0) = "x * sigmoid(x)";
};

/// What a name stands for.
#[derive(Clone, Copy)]
pub enum Builtin {
    Unary(usize),
    Derived(&'static Derived),
    Max,
    Min,
    Pow,
    Where,
}

const OTHERS: [(&str, Builtin); 6] = [
    ("max", Builtin::Max),
    ("maximum", Builtin::Max),
    ("min", Builtin::Min),
    ("minimum", Builtin::Min),
    ("pow", Builtin::Pow),
    ("where_", Builtin::Where),
];

impl Builtin {
    /// The function of this name.
    pub fn named(name: &str) -> Option<Self> {
        let is = |own: &str, aliases: &[&str]| own == name || aliases.contains(&name);
        UNARY
            .iter()
            .position(|f| is(f.name, f.aliases))
            .map(Self::Unary)
            .or_else(|| DERIVED.iter().find(|f| is(f.name, f.aliases)).map(Self::Derived))
            .or_else(|| OTHERS.iter().find(|(own, _)| *own == name).map(|(_, f)| *f))
    }

    /// What it takes, by name.
    pub fn params(self) -> &'static [&'static str] {
        match self {
            Self::Unary(_) => &["x"],
            Self::Derived(f) => f.params,
            Self::Max | Self::Min => &["a", "b"],
            Self::Pow => &["x", "exponent"],
            Self::Where => &["condition", "a", "b"],
        }
    }
}

/// The names of all functions.
pub fn names() -> impl Iterator<Item = &'static str> {
    let unary = UNARY.iter().flat_map(|f| std::iter::once(&f.name).chain(f.aliases));
    let derived = DERIVED.iter().flat_map(|f| std::iter::once(&f.name).chain(f.aliases));
    unary.chain(derived).copied().chain(OTHERS.iter().map(|(name, _)| *name))
}

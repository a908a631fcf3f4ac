//! Small networks, of the size of handwritten digits.

use crate::dim::Dim;

use fusion_macros::model;

model! {
    /// A multilayer perceptron: `I` features, two hidden layers of `A` and `B` units with ReLU, a score for each of `K` classes.
    ///
    /// The sizes are those of MNIST's digits as they are usually learned: 784-128-64-10, with 109,386 parameters. Layers start
    /// as PyTorch's do. For numbers of a table it is `Mlp::<dim!(30), dim!(32), dim!(32), dim!(2)>`.
    ///
    /// ```
    /// use fusion::models::Mlp;
    /// use fusion::prelude::*;
    ///
    /// let rng = &mut StdRng::seed_from_u64(0);
    /// let scores: Tensor<shape![5, 10]> = Mlp::init(rng).forward(Tensor::<shape![5, 784]>::zeros());
    /// let net = Mlp::<dim!(30), dim!(32), dim!(32), dim!(2)>::init(rng);
    /// let scores: Tensor<shape![5, 2]> = net.forward(Tensor::<shape![5, 30]>::zeros());
    /// ```
    pub Mlp<I: Dim = 784, A: Dim = 128, B: Dim = 64, K: Dim = 10>: [I] -> [K] {
        fc1: Linear<_, A>, Relu,
        fc2: Linear<_, B>, Relu,
        fc3: Linear<_, K>,
    }
}

model! {
    /// LeNet-5: LeCun et al., [Gradient-based learning applied to document
    /// recognition](https://doi.org/10.1109/5.726791), 1998, in the form of PyTorch's tutorials: ReLU and maxima in place of
    /// the paper's tanh and trained means, every map connected to all before it, a linear layer at the end.
    ///
    /// For images of 28 x 28, around which the first layer sees two rows of zeros: the paper's digits are 32 x 32. It has 61,706
    /// parameters and makes 416,520 multiply-adds. Layers start as PyTorch's do.
    ///
    /// ```
    /// use fusion::models::LeNet5;
    /// use fusion::prelude::*;
    ///
    /// let net = LeNet5::init(&mut StdRng::seed_from_u64(0));
    /// let scores: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 1, 28, 28]>::zeros());
    /// ```
    pub LeNet5<K: Dim = 10>: [1, 28, 28] -> [K] {
        conv1: Conv2d<_, 6, 5, padding = 2>, Relu, MaxPool2d<2>,
        conv2: Conv2d<_, 16, 5>, Relu, MaxPool2d<2>,
        Flatten,
        fc1: Linear<_, 120>, Relu,
        fc2: Linear<_, 84>, Relu,
        fc3: Linear<_, K>,
    }
}

model! {
    /// AlexNet's five convolutions and three linear layers, for images of 28 x 28: Krizhevsky et al., [ImageNet classification
    /// with deep convolutional neural networks](https://doi.org/10.1145/3065386), 2012.
    ///
    /// Windows of 3 x 3 see what AlexNet's of 11 x 11 and 5 x 5 see in larger images, and a narrow network is enough for ten
    /// digits. It has 382,570 parameters and makes 11.3 million multiply-adds. Layers start as PyTorch's do.
    ///
    /// ```
    /// use fusion::models::AlexNet28;
    /// use fusion::prelude::*;
    ///
    /// let net = AlexNet28::init(&mut StdRng::seed_from_u64(0));
    /// let scores: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 1, 28, 28]>::zeros());
    /// ```
    pub AlexNet28<K: Dim = 10>: [1, 28, 28] -> [K] {
        features: {
            Conv2d<_, 32, 3, padding = 1>, Relu, MaxPool2d<2>,
            Conv2d<_, 64, 3, padding = 1>, Relu, MaxPool2d<2>,
            Conv2d<_, 96, 3, padding = 1>, Relu,
            Conv2d<_, 64, 3, padding = 1>, Relu,
            Conv2d<_, 64, 3, padding = 1>, Relu, MaxPool2d<3, stride = 2>,
        },
        Flatten,
        classifier: { Dropout, Linear<_, 256>, Relu, Dropout, Linear<_, 256>, Relu, Linear<_, K> },
    }
}

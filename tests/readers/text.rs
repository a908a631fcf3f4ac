//! Plain text.

use super::{Folder, gzip};
use fusion::data::{Text, Vocabulary};
use fusion::prelude::*;

#[test]
fn characters_and_words() {
    let folder = Folder::new();
    let path = folder.write("poem.txt", "\u{feff}der Mond, der Mond\nist über uns");
    let text = Text::characters(&path).unwrap();
    assert_eq!(text.vocabulary.decode(&text.tokens), "der Mond, der Mond\nist über uns");
    assert_eq!(text.tokens.len(), 31);
    let text = Text::words(&path, 5).unwrap();
    assert_eq!(text.vocabulary.tokens(), ["<unk>", "Mond", "der", ",", "ist"]);
    assert_eq!(text.tokens, [2, 1, 3, 2, 1, 4, 0, 0]);
    let packed = Text::open(folder.write("other.gz", gzip("der uns".as_bytes())), text.vocabulary).unwrap();
    assert_eq!(packed.tokens, [2, 0]);
}

#[test]
fn sequences_and_parts() {
    let text = Text::with(Vocabulary::characters("abcdefghij"), "abcdefghij");
    let data = text.sequences::<dim!(3)>().unwrap();
    assert_eq!(data.x.to_vec(), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert_eq!(data.y.to_vec(), [2, 3, 4, 5, 6, 7, 8, 9, 10]);
    let data = text.sequences_every::<dim!(8)>(1).unwrap();
    assert_eq!((data.len(), data.y.get(&[1, 7])), (2, Some(10)));
    assert_eq!(text.sequences::<dim!(9)>().unwrap().len(), 1);
    let said = text.sequences::<dim!(10)>().unwrap_err().to_string();
    assert_eq!(said, "a sequence of 10 tokens and the one behind it are not to be had from a text of 10");
    assert!(text.sequences_every::<dim!(3)>(0).is_err() && text.sequences::<dim!(0)>().is_err());
    let (train, test) = text.split(0.2);
    assert_eq!((train.tokens.len(), test.tokens), (8, vec![9, 10]));
}

#[test]
fn texts_that_are_none() {
    let folder = Folder::new();
    let path = folder.write("x.txt", b"one\ntwo \xff three");
    assert_eq!(
        folder.message(Text::characters(&path)),
        "x.txt: is no UTF-8: line 2 has the byte ff at byte 8 of the file"
    );
    assert_eq!(
        folder.message(Text::characters(folder.path().join("y.txt"))),
        "y.txt: No such file or directory (os error 2)"
    );
    assert!(Text::characters(folder.write("x.txt", b"")).unwrap().tokens.is_empty());
}

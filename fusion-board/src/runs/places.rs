//! Where in a file the rare records lie: those that are no numbers.

use fusion::log::Record;

/// What a record is, of those that are kept where they lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A network.
    Network,
    /// A histogram.
    Histogram,
    /// An image.
    Image,
    /// A text.
    Text,
    /// A confusion matrix.
    Confusion,
    /// What gradients are like.
    Gradients,
    /// What operations are like.
    Operations,
    /// A recorded computation.
    Graph,
    /// What a classifier says of samples.
    Predictions,
}

impl Kind {
    /// The kind of a record with the name that it has, which is empty for kinds without; none of settings and numbers.
    pub fn of(record: &Record) -> Option<(Self, &str)> {
        Some(match record {
            Record::Network(_) => (Self::Network, ""),
            Record::Histogram(histogram) => (Self::Histogram, &histogram.name),
            Record::Image(image) => (Self::Image, &image.name),
            Record::Text(text) => (Self::Text, &text.name),
            Record::Confusion(confusion) => (Self::Confusion, &confusion.name),
            Record::Gradients(_) => (Self::Gradients, ""),
            Record::Operations(_) => (Self::Operations, ""),
            Record::Graph(graph) => (Self::Graph, &graph.name),
            Record::Predictions(predictions) => (Self::Predictions, &predictions.name),
            _ => return None,
        })
    }
}

/// Where a record lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its name; empty for kinds without.
    pub name: String,
    /// Its step.
    pub step: u64,
    /// Where it begins in the file.
    pub at: u64,
}

/// How many places are kept of one name.
const MOST: usize = 256;

/// The places of one kind and name, by step and byte: evenly over all steps, with the first and the last.
#[derive(Clone, Debug, Default)]
pub struct Places(Vec<(u64, u64)>);

impl Places {
    pub fn push(&mut self, step: u64, at: u64) {
        // A step that goes back takes the place of what was logged from there on.
        if self.0.last().is_some_and(|&(last, _)| step < last) {
            self.0.retain(|&(other, _)| other < step);
        }
        self.0.push((step, at));
        if self.0.len() > MOST {
            // The one goes whose neighbours are nearest to each other.
            let gap = |&at: &usize| self.0[at + 1].0 - self.0[at - 1].0;
            let closest = (1..MOST).min_by_key(gap).expect("there are some");
            self.0.remove(closest);
        }
    }

    pub fn kept(&self) -> &[(u64, u64)] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_spread_over_all_steps() {
        let mut places = Places::default();
        for step in 0..100_000 {
            places.push(step, step * 7);
            let kept = places.kept();
            assert!(kept.len() <= MOST && kept.last() == Some(&(step, step * 7)) && kept[0] == (0, 0));
        }
        let kept = places.kept();
        assert!(kept.len() == MOST && kept.is_sorted_by(|a, b| a.0 < b.0), "{}", kept.len());
        let gaps: Vec<u64> = kept.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
        assert!(gaps.iter().max() <= Some(&1600), "{gaps:?}");
    }

    #[test]
    fn a_run_that_goes_on_from_an_earlier_state() {
        let mut places = Places::default();
        for (step, at) in [(0, 0), (10, 1), (20, 2), (10, 3), (15, 4)] {
            places.push(step, at);
        }
        assert_eq!(places.kept(), [(0, 0), (10, 3), (15, 4)]);
    }
}

//! The source's alpha on its way past the styles of a chain, to an output that has alpha.

use std::collections::BTreeMap;

use super::super::{Alpha, AlphaSource, ImageDesc, NodeId, StyleError, StyleUse};
use super::{Expander, Names};

impl Expander<'_> {
    pub(super) fn source_has_alpha(&self) -> bool {
        let coded = self.source.coded.as_ref();
        coded.is_some_and(|(format, _)| format.alpha)
    }

    /// As [`Self::chain`], where alpha matters: to the output, or to a style. What a style leaves in the alpha of its result
    /// counts only where its manifest says that it is its own. Past other styles, alpha is carried, and given back to the
    /// picture before a style that has its own, and at the end. Samples of the source are taken only where the size is the
    /// source's.
    pub(super) fn chain_with_alpha(
        &mut self,
        chain: &[StyleUse],
        alpha: bool,
    ) -> Result<(NodeId, AlphaSource), StyleError> {
        let source = self.unpack()?;
        let (mut image, mut transparency) = (source, source);
        for (index, part) in chain.iter().enumerate() {
            let own = part.style.alpha == Alpha::Own && part.strength > 0.0;
            if own {
                image = self.with_alpha(image, transparency)?;
            }
            image = self.apply(part, Some(image))?;
            image = self.picture_of(&chain[..=index], image)?;
            if own {
                transparency = image;
            }
        }
        if !alpha {
            return Ok((image, AlphaSource::None));
        }
        let ImageDesc { extent, clock, .. } = self.nodes[image].image;
        // The source's own samples are those of its own frames.
        if transparency == source && extent == self.nodes[source].image.extent && clock == 0 {
            return Ok((image, AlphaSource::Source));
        }
        Ok((self.with_alpha(image, transparency)?, AlphaSource::Image))
    }

    /// The colours of `image` with the alpha of `transparency`, resampled where its size is another.
    fn with_alpha(&mut self, image: NodeId, transparency: NodeId) -> Result<NodeId, StyleError> {
        // An image of one channel is opaque.
        let opaque = self.unpacked == Some(transparency) && !self.source_has_alpha();
        if transparency == image || opaque && self.nodes[image].image.storage.channels() == 1 {
            return Ok(image);
        }
        let extent = self.nodes[image].image.extent;
        let transparency = match self.nodes[transparency].image.extent == extent {
            true => transparency,
            false => self.resampled(transparency, extent, "alpha")?,
        };
        let join = self.load("common/with_alpha")?;
        let inputs = BTreeMap::from([
            ("colour".to_owned(), image),
            ("transparency".to_owned(), transparency),
        ]);
        self.fragment(&join, &inputs, Names::new(), &BTreeMap::new(), "alpha", 0)
    }
}

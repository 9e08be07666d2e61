//! What the logs and metrics hear about an answer: one table, of which the notes, their names and the documented list come.

use crate::{embed::EmbedName, forward::HeadNotes, reason::Reason};

/// Rows of a kind of note and of why an answer passes unchanged: variant, what it holds, name, what it says.
macro_rules! notes {
    (
        notes { $($note:ident $(($($held:ty),+))? $name:literal $says:literal;)+ }
        untouched { $($why:ident $why_name:literal $why_says:literal;)+ }
    ) => {
        /// Something about an answer that somebody may want to look at. What a page wrote is kept short; no URL, no token.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub(crate) enum Note {
            $(#[doc = concat!("`", $name, "`: ", $says)] $note $(($($held),+))?,)+
            /// The answer (or its rest) passes byte for byte.
            NotRewritten(Untouched),
        }

        /// Why an answer passes byte for byte, although its site has embeds.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) enum Untouched {
            $(#[doc = concat!("`", $why_name, "`: ", $why_says)] $why,)+
        }

        impl Note {
            /// The stable name, for logs and metrics.
            #[must_use]
            pub(crate) const fn as_str(&self) -> &'static str {
                match self {
                    $(Self::$note { .. } => $name,)+
                    Self::NotRewritten(why) => why.as_str(),
                }
            }
        }

        impl Untouched {
            /// The stable name, for logs and metrics.
            #[must_use]
            pub(crate) const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$why => $why_name,)+
                }
            }
        }

        /// The documented list.
        #[cfg(test)]
        const DOCUMENTED: &[(&str, &str)] = &[$(($name, $says),)+ $(($why_name, $why_says),)+];
    };
}

notes! {
    notes {
        UnknownEmbed(String) "unknown_embed" "a slot names an embed that the site does not have; it is left as it is";
        NoDocument(EmbedName) "no_document" "a slot names a wildcard embed without a URL that says which workbook; it is left as it is";
        MintRefused(EmbedName, Reason) "mint_refused" "nothing was minted for this viewer; the slot has the stable link, which says why";
        NoEmbed "no_embed" "a frame leads to Sigma, or a link, a form, a refresh or a redirect to a document there, and not to an embed of the site; it is left as it is";
        TooManySlots "too_many_slots" "more than 100 frames, or signed URLs, in one answer; later ones are left as they are";
        SlotTooLong "slot_too_long" "a slot's tag is longer than what is held of a page; it is left as it is";
        FormPosts "form_posts" "a form, or a button of one, that is sent by POST leads to Sigma; it is left as it is, for a link takes no POST";
        InsertNotPlaced(String) "insert_not_placed" "no element that a `[[site.insert]]` selects can hold an embed";
        InsertUnmatched(String) "insert_unmatched" "a `[[site.insert]]` selects nothing on a page";
        InsertLost(String) "insert_lost" "a `[[site.insert]]` was given up: its element ends in a comment, a script, a template, a `select`, SVG or MathML, where a frame is none, more elements are open in it, or on the page, than are followed, or its end tag has a name that is too long";
        JsonValue "json_value" "a value that `[[site.json]]` selects names Sigma, and is no URL of an embed of the site; it is left as it is";
        JsonUnmatched "json_unmatched" "JSON on a path of `[[site.json]]` names Sigma, and no `select` leads to a string in it";
        CspBlocksFrame "csp_blocks_frame" "the page's own policy lets no frame of the site itself in: the embed does not show; see `frame_src`";
        CspBlocksSigma(EmbedName) "csp_blocks_sigma" "the page's own policy does not let Sigma in: nothing was minted, the slot has the stable link";
        CspBlocksScript "csp_blocks_script" "the page's own policy would not let the script run (`script = true`): the page has none";
        HeadMended(String) "head_mended" "lines of the answer's head were not as HTTP has them (a space before the colon, a folded line, a control character) and were mended";
        HeadLineDropped(String) "head_line_dropped" "lines of the answer's head that HTTP cannot carry are not passed on";
        FramingMended(String) "framing_mended" "what the answer says of its length or coding is odd, and says one thing: it was read so, and its connection is not used again";
        ScriptNotPlaced "script_not_placed" "the page's head does not begin within its first 8 KiB: the page has no script";
    }
    untouched {
        NoTransform "no_transform" "unchanged: `Cache-Control: no-transform`";
        Partial "partial" "unchanged: a part of a whole (206)";
        Coding "coding" "unchanged: it has three content codings, or one that needs a dictionary";
        BrokenCoding "broken_coding" "unchanged; where that is too late, as whole as it was, or cut: its content coding has no end, is broken, or not what its label says";
        Ratio "ratio" "unchanged from where it decodes to more than 200 times what it is";
        Charset "charset" "unchanged from where it is said: UTF-16, or a charset with states (ISO-2022-JP), or one that browsers do not read";
        JsonAsPage "json_as_page" "unchanged: a script asked for it, and it is JSON that is called `text/html`; markup in its strings is not looked into";
        BrokenDelta "broken_delta" "unchanged: an answer to an UpdatePanel of ASP.NET whose lengths are not right";
        TooLarge "too_large" "unchanged: longer than what is held";
        NoRoom "no_room" "unchanged: all memory for answers that are held is in use";
        Slow "slow" "unchanged: it did not come soon enough to be looked into";
        EventStream "event_stream" "unchanged: a stream of events on a path of `[[site.json]]`, which must not wait";
        InvalidJson "invalid_json" "unchanged: `JSON.parse` of a browser would refuse it (JSONP, single quotes, `NaN`, a comma at the end)";
    }
}

impl Note {
    /// What is told of a head that was mended.
    pub(crate) fn of_head(notes: HeadNotes) -> impl Iterator<Item = Self> {
        let HeadNotes { mended, dropped, framing } = notes;
        let mended = mended.map(|lines| Self::HeadMended(lines.to_string()));
        let dropped = dropped.map(|lines| Self::HeadLineDropped(lines.to_string()));
        let framing = framing.map(|line| Self::FramingMended(line.to_string()));
        mended.into_iter().chain(dropped).chain(framing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reason::documented;

    #[test]
    fn the_documented_notes_are_those_of_the_table() {
        let rows: String = DOCUMENTED.iter().map(|(name, says)| format!("| `{name}` | {says} |\n")).collect();
        let list = format!("| note | |\n|---|---|\n{rows}");
        documented::assert_lists(include_str!("../../docs/OPERATING.md"), "notes", &list);
    }
}

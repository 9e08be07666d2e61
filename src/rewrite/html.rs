//! The streaming HTML rewriter: lol_html finds the slots, the splicer edits the bytes.
//!
//! lol_html never writes: it hands every byte on as it is and tells where tags and attribute values stand. So bytes outside
//! slots cannot change, whatever lol_html makes of a page, and when it gives up the rest passes as it is.

use std::{
    borrow::Cow,
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
};

use encoding_rs::Encoding;
use lol_html::{
    AsciiCompatibleEncoding, MemorySettings, OutputSink, Selector,
    html_content::EndTag,
    send::{Element, ElementContentHandlers, HtmlRewriter as Engine, Settings},
};

use super::{
    Change, FramePolicies, Heard, Insert, Minting, Note, PageScript, SlotFiller, Untouched,
    opening::{Beginning, Begun},
    slot_tags::PageState,
};
use crate::limits::{REWRITE_CHUNK_BYTES, REWRITER_BYTES_MAX};

// Selectors name their tag: twice as fast as without.
static FRAME: LazyLock<Selector> = LazyLock::new(|| selector("iframe"));
static ANCHOR: LazyLock<Selector> = LazyLock::new(|| selector("a"));
static TEMPLATE: LazyLock<Selector> = LazyLock::new(|| selector("template"));
static BASE: LazyLock<Selector> = LazyLock::new(|| selector("base"));
static META: LazyLock<Selector> = LazyLock::new(|| selector("meta"));

fn selector(text: &str) -> Selector {
    text.parse().expect("a tag name is a selector")
}

/// What the rewriter must know of one page.
#[derive(Debug, Clone, Default)]
pub(crate) struct HtmlSettings {
    /// The charset of the `Content-Type`; without one the page's own `<meta>` counts.
    pub(crate) charset: Option<&'static Encoding>,
    /// What the page's head lets into its frames.
    pub(crate) policies: FramePolicies,
    /// The inserts of this path.
    pub(crate) inserts: Vec<Arc<Insert>>,
    /// What runs before all that is the page's own.
    pub(crate) script: PageScript,
}

/// Rewrites one page: chunks in, chunks out. It cannot fail; what it cannot follow passes unchanged, with a [`Note`].
pub(crate) struct HtmlRewriter<F: SlotFiller> {
    state: SharedPage<F>,
    engine: Option<Engine<'static, Output<F>>>,
    /// The beginning of a page that gets a script, while it is not known where; and the script's tag.
    opening: Option<(Beginning, String)>,
}

/// The page's state, between the handlers and the sink of one engine; never contended.
struct SharedPage<F>(Arc<Mutex<PageState<F>>>);

struct Output<F>(SharedPage<F>);

impl<F: SlotFiller> HtmlRewriter<F> {
    /// A rewriter for one page.
    #[must_use]
    pub(crate) fn new(settings: &HtmlSettings, filler: F) -> Self {
        let mut page = PageState::new(filler, settings.policies.clone(), settings.inserts.len());
        page.names_charset = settings.charset.is_none();
        let opening = match &settings.script {
            PageScript::Tag(tag) => Some((Beginning::default(), tag.clone())),
            PageScript::None | PageScript::Blocked => None,
        };
        settings.script.note().into_iter().for_each(|note| page.filler.note(note));
        let state = SharedPage(Arc::new(Mutex::new(page)));
        let engine = Engine::new(engine_settings(&state, settings), Output(state.clone()));
        Self { state, engine: Some(engine), opening }
    }

    /// Takes the next bytes of the page; what is ready is added to `out`.
    pub(crate) fn push(&mut self, chunk: &[u8], out: &mut Vec<u8>) {
        std::mem::swap(&mut self.state.lock().splicer.out, out);
        let chunk = self.opened(chunk);
        for piece in chunk.chunks(REWRITE_CHUNK_BYTES) {
            self.push_piece(piece);
        }
        std::mem::swap(&mut self.state.lock().splicer.out, out);
    }

    /// What of a chunk goes on, with what was kept back before it; where the head begins, the script's tag is put in.
    fn opened<'c>(&mut self, chunk: &'c [u8]) -> Cow<'c, [u8]> {
        let Some((opening, tag)) = &mut self.opening else { return Cow::Borrowed(chunk) };
        let Begun::At(place, bytes) = opening.push(chunk) else { return Cow::Borrowed(&[]) };
        match place {
            Some(at) => self.state.lock().put_script(at, std::mem::take(tag)),
            None => self.state.lock().filler.note(Note::ScriptNotPlaced),
        }
        self.opening = None;
        Cow::Owned(bytes)
    }

    /// Ends the page.
    pub(crate) fn end(&mut self, out: &mut Vec<u8>) {
        std::mem::swap(&mut self.state.lock().splicer.out, out);
        if let Some((mut opening, _)) = self.opening.take() {
            self.push_piece(&opening.end());
        }
        if self.engine.take().is_some_and(|engine| engine.end().is_err()) {
            self.state.break_off(Untouched::MemoryLimit);
        }
        self.state.lock().end();
        std::mem::swap(&mut self.state.lock().splicer.out, out);
    }

    /// Follows the page by other settings than those it was made with; before its first byte.
    pub(super) fn begin_anew(&mut self, settings: &HtmlSettings) {
        self.state.lock().names_charset = settings.charset.is_none();
        self.engine = Some(Engine::new(engine_settings(&self.state, settings), Output(self.state.clone())));
    }

    /// What has come goes out, and the rest passes as it is.
    pub(super) fn give_up(&mut self, why: Untouched, out: &mut Vec<u8>) {
        std::mem::swap(&mut self.state.lock().splicer.out, out);
        if let Some((mut opening, _)) = self.opening.take() {
            self.push_piece(&opening.end());
        }
        // It has written every byte that it was given, also where it fails.
        drop(self.engine.take().map(Engine::end));
        self.state.break_off(why);
        std::mem::swap(&mut self.state.lock().splicer.out, out);
    }

    /// How many slots have been filled.
    #[cfg(any(test, feature = "demo"))]
    #[must_use]
    pub(crate) fn slots(&self) -> usize {
        self.state.lock().slots
    }

    /// Whether anything was done to the page.
    #[must_use]
    pub(crate) fn is_changed(&self) -> bool {
        let state = self.state.lock();
        state.slots > 0 || state.has_script
    }

    /// What was done to the page.
    #[must_use]
    pub(crate) fn change(&self) -> Change {
        let state = self.state.lock();
        match (state.has_signed, state.has_frame || state.has_script) {
            (true, _) => Change::Signed,
            (false, true) => Change::Frames,
            (false, false) => Change::Anchors,
        }
    }

    /// The most that may yet be done to the page, whose head goes out before its slots are known.
    #[must_use]
    pub(crate) fn change_ahead(&self) -> Change {
        if self.state.lock().filler.may_sign_frames() { Change::Signed } else { Change::Frames }
    }

    /// Says whether slots from here on may get signed URLs; what was stopped stays stopped.
    pub(crate) fn set_minting(&self, minting: Minting) {
        match minting {
            Minting::Allowed => {}
            Minting::Stopped => self.state.lock().filler.stop_minting(),
        }
    }

    /// What was minted and noted so far; it is given once.
    pub(crate) fn take_heard(&self) -> Heard {
        self.state.lock().filler.take_heard()
    }

    fn push_piece(&mut self, piece: &[u8]) {
        match &mut self.engine {
            // A graceful bail-out has written every byte that it was given.
            Some(engine) => {
                if engine.write(piece).is_err() {
                    self.engine = None;
                    self.state.break_off(Untouched::MemoryLimit);
                }
            }
            None => self.state.lock().splicer.write(piece),
        }
    }
}

impl<F> Clone for SharedPage<F> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<F> SharedPage<F> {
    fn lock(&self) -> MutexGuard<'_, PageState<F>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<F: SlotFiller> SharedPage<F> {
    fn break_off(&self, why: Untouched) {
        let mut page = self.lock();
        page.break_off();
        let why = page.lost.take().unwrap_or(why);
        page.filler.note(Note::NotRewritten(why));
    }

    fn on_frame(&self) -> Handlers {
        let state = self.clone();
        handlers(move |element| state.lock().frame(element))
    }

    fn on_anchor(&self) -> Handlers {
        let state = self.clone();
        handlers(move |element| state.lock().anchor(element))
    }

    fn on_base(&self) -> Handlers {
        let state = self.clone();
        handlers(move |element| state.lock().base(element))
    }

    fn on_meta(&self) -> Handlers {
        let state = self.clone();
        ElementContentHandlers::default().element(move |element: &mut Element<'_, '_>| {
            let mut page = state.lock();
            page.meta(element);
            Ok(page.charset(element)?)
        })
    }

    fn on_template(&self) -> Handlers {
        let state = self.clone();
        handlers(move |element| {
            state.lock().enter_template();
            let state = state.clone();
            at_end(element, move |end| state.lock().leave_template(&end.name()));
        })
    }

    fn on_insert(&self, index: usize, insert: Arc<Insert>) -> Handlers {
        let state = self.clone();
        handlers(move |element| {
            if state.lock().insert(element, index, &insert) {
                let (state, place) = (state.clone(), insert.place);
                at_end(element, move |end| state.lock().insert_ends(index, place, end.source_location().bytes().start));
            }
        })
    }
}

impl<F: SlotFiller> OutputSink for Output<F> {
    fn handle_chunk(&mut self, chunk: &[u8]) {
        self.0.lock().splicer.write(chunk);
    }
}

type Handlers = ElementContentHandlers<'static>;

fn handlers(mut look: impl FnMut(&mut Element<'_, '_>) + Send + 'static) -> Handlers {
    ElementContentHandlers::default().element(move |element: &mut Element<'_, '_>| {
        look(element);
        Ok(())
    })
}

fn at_end(element: &mut Element<'_, '_>, look: impl FnOnce(&mut EndTag<'_>) + Send + 'static) {
    if let Some(handlers) = element.end_tag_handlers() {
        handlers.push(Box::new(move |end: &mut EndTag<'_>| {
            look(end);
            Ok(())
        }));
    }
}

fn engine_settings<'s, F: SlotFiller>(state: &SharedPage<F>, page: &'s HtmlSettings) -> Settings<'static, 's> {
    let memory = MemorySettings::new()
        .with_max_allowed_memory_usage(REWRITER_BYTES_MAX)
        .with_graceful_bail_out_on_memory_limit_exceeded(true);
    let charset = page.charset.and_then(AsciiCompatibleEncoding::new);
    let mut settings = Settings::new_send()
        // `strict` gives up on pages that browsers show; a wrong guess costs a slot here, never a byte.
        .with_strict(false)
        .with_memory_settings(memory)
        .with_graceful_bail_out_on_content_handler_error(true)
        .with_encoding(charset.unwrap_or_else(AsciiCompatibleEncoding::utf_8))
        .with_adjust_charset_on_meta_tag(charset.is_none())
        .append_element_content_handler((Cow::Borrowed(&*TEMPLATE), state.on_template()))
        .append_element_content_handler((Cow::Borrowed(&*BASE), state.on_base()))
        .append_element_content_handler((Cow::Borrowed(&*META), state.on_meta()))
        .append_element_content_handler((Cow::Borrowed(&*FRAME), state.on_frame()))
        .append_element_content_handler((Cow::Borrowed(&*ANCHOR), state.on_anchor()));
    for (index, insert) in page.inserts.iter().enumerate() {
        let handlers = state.on_insert(index, Arc::clone(insert));
        settings = settings.append_element_content_handler((Cow::Borrowed(insert.selector.parsed()), handlers));
    }
    settings
}

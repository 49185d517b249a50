//! The camera: looks for QR codes until it is told to stop.

pub mod decode;
mod detector;

use std::cell::Cell;
use std::rc::Rc;

use gloo::timers::future::TimeoutFuture;
use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    CanvasRenderingContext2d, HtmlCanvasElement, HtmlVideoElement, MediaStream,
    MediaStreamConstraints, MediaStreamTrack,
};

use crate::error::BrowserError;
use crate::turn;
use detector::Detector;

/// The pause between two looks: ten a second are enough for a hand that holds a tablet.
const PAUSE_MS: u32 = 100;

/// A camera that looks for codes. Dropping it lets the camera go.
#[derive(Debug)]
pub struct Scanner {
    stream: MediaStream,
    video: HtmlVideoElement,
    looking: Rc<Cell<bool>>,
}

impl Scanner {
    /// Opens the camera, shows it in `video`, and gives each code's text once until another
    /// comes.
    ///
    /// # Errors
    /// [`BrowserError::Refused`] when the permission was not given, [`BrowserError::Absent`] when
    /// there is no camera, [`BrowserError::Missing`] on a page that may not ask.
    pub async fn start(
        video: HtmlVideoElement,
        on_text: impl FnMut(String) + 'static,
    ) -> Result<Self, BrowserError> {
        let stream = open().await?;
        video.set_src_object(Some(&stream));
        video.set_muted(true);
        let scanner = Self {
            stream,
            video: video.clone(),
            looking: Rc::new(Cell::new(true)),
        };
        JsFuture::from(video.play()?).await?;
        let picture = Picture::new()?;
        spawn_local(look(video, picture, Rc::clone(&scanner.looking), on_text));
        Ok(scanner)
    }
}

impl Drop for Scanner {
    fn drop(&mut self) {
        self.looking.set(false);
        for track in self.stream.get_tracks() {
            track.unchecked_into::<MediaStreamTrack>().stop();
        }
        self.video.set_src_object(None);
    }
}

async fn open() -> Result<MediaStream, BrowserError> {
    let devices = gloo::utils::window().navigator().media_devices();
    let devices = devices.map_err(|_| BrowserError::Missing("camera access"))?;
    if devices.is_undefined() {
        return Err(BrowserError::Missing("camera access"));
    }
    let wanted = Object::new();
    for (name, ideal) in [
        ("facingMode", JsValue::from("environment")),
        ("width", JsValue::from(1280)),
        ("height", JsValue::from(720)),
    ] {
        let constraint = Object::new();
        Reflect::set(&constraint, &"ideal".into(), &ideal)?;
        Reflect::set(&wanted, &name.into(), &constraint)?;
    }
    let constraints = MediaStreamConstraints::new();
    constraints.set_video(&wanted);
    let asked = devices.get_user_media_with_constraints(&constraints)?;
    let stream = JsFuture::from(asked)
        .await
        .map_err(|thrown| explain(thrown.into()))?;
    Ok(stream.unchecked_into())
}

fn explain(error: BrowserError) -> BrowserError {
    match error.name() {
        "NotAllowedError" | "SecurityError" => BrowserError::Refused("the camera"),
        "NotFoundError" | "OverconstrainedError" => BrowserError::Absent("camera"),
        _ => error,
    }
}

async fn look(
    video: HtmlVideoElement,
    picture: Picture,
    looking: Rc<Cell<bool>>,
    mut on_text: impl FnMut(String),
) {
    let mut detector = Detector::new();
    let mut last = None;
    while looking.get() {
        let read = match &detector {
            Some(native) => native.text(&video).await.map_err(|_| ()),
            None => Ok(picture.text(&video).await),
        };
        let Ok(text) = read else {
            // The browser's own reader does not work here: ours does.
            detector = None;
            continue;
        };
        if let Some(text) = text.filter(|text| looking.get() && last.as_ref() != Some(text)) {
            last = Some(text.clone());
            on_text(text);
        }
        TimeoutFuture::new(PAUSE_MS).await;
    }
}

/// Where a frame of the video is looked at.
struct Picture {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
}

impl Picture {
    fn new() -> Result<Self, BrowserError> {
        let canvas = gloo::utils::document().create_element("canvas")?;
        let canvas: HtmlCanvasElement = canvas.unchecked_into();
        let options = Object::new();
        // Every frame is read back: without this each would come from the graphics card.
        Reflect::set(&options, &"willReadFrequently".into(), &JsValue::TRUE)?;
        let context = canvas
            .get_context_with_context_options("2d", &options)?
            .ok_or(BrowserError::Missing("canvas"))?;
        let context = context.unchecked_into();
        Ok(Self { canvas, context })
    }

    async fn text(&self, video: &HtmlVideoElement) -> Option<String> {
        let (width, height) = (video.video_width(), video.video_height());
        if width == 0 || height == 0 {
            return None;
        }
        self.canvas.set_width(width);
        self.canvas.set_height(height);
        self.context
            .draw_image_with_html_video_element(video, 0.0, 0.0)
            .ok()?;
        let (w, h) = (f64::from(width), f64::from(height));
        let pixels = self.context.get_image_data(0.0, 0.0, w, h).ok()?.data();
        turn::give().await;
        let luma = decode::luma(&pixels);
        turn::give().await;
        decode::qr_text(luma, width, height)
    }
}

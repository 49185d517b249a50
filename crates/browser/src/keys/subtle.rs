//! WebCrypto, the part of it that we use: Ed25519, X25519 and AES-256-GCM, as bytes in and out.

use js_sys::{Array, ArrayBuffer, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AesGcmParams, CryptoKey, SubtleCrypto};

use crate::error::BrowserError;

#[wasm_bindgen]
extern "C" {
    // Also there in a worker, which has no window.
    #[wasm_bindgen(thread_local_v2, js_namespace = crypto, js_name = subtle)]
    static SUBTLE: SubtleCrypto;
}

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// Signatures (RFC 8032).
    Ed25519,
    /// Key agreement (RFC 7748).
    X25519,
}

impl Algorithm {
    const fn name(self) -> &'static str {
        match self {
            Self::Ed25519 => "Ed25519",
            Self::X25519 => "X25519",
        }
    }

    const fn private_usage(self) -> &'static str {
        match self {
            Self::Ed25519 => "sign",
            Self::X25519 => "deriveBits",
        }
    }

    /// PKCS #8 (RFC 8410) of a private key, up to its 32 bytes: only the last byte of the object
    /// identifier differs, 1.3.101.112 and 1.3.101.110.
    const fn pkcs8_prefix(self) -> [u8; 16] {
        let identifier = match self {
            Self::Ed25519 => 0x70,
            Self::X25519 => 0x6e,
        };
        [
            0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, identifier, 0x04,
            0x22, 0x04, 0x20,
        ]
    }
}

/// A private key that cannot be read out, and its public half.
#[derive(Clone)]
pub(crate) struct Pair {
    pub(crate) private: CryptoKey,
    pub(crate) public: [u8; 32],
}

/// Makes a key pair.
pub(crate) async fn generate(algorithm: Algorithm) -> Result<Pair, BrowserError> {
    let description = object(&[("name", algorithm.name().into())])?;
    let usages: &[&str] = match algorithm {
        Algorithm::Ed25519 => &["sign", "verify"],
        Algorithm::X25519 => &["deriveBits"],
    };
    let made = subtle().generate_key_with_object(&description, false, &list(usages))?;
    let made = JsFuture::from(made).await?;
    let public: CryptoKey = Reflect::get(&made, &"publicKey".into())?.unchecked_into();
    let public = JsFuture::from(subtle().export_key("raw", &public)?).await?;
    Ok(Pair {
        private: Reflect::get(&made, &"privateKey".into())?.unchecked_into(),
        public: fixed(&public)?,
    })
}

/// Makes the key pair that a seed gives.
pub(crate) async fn from_seed(algorithm: Algorithm, seed: &[u8; 32]) -> Result<Pair, BrowserError> {
    // WebCrypto gives the public half of a private key only as part of its JWK form.
    let readable = import_seed(algorithm, seed, true).await?;
    let jwk = JsFuture::from(subtle().export_key("jwk", &readable)?).await?;
    let public = Reflect::get(&jwk, &"x".into())?
        .as_string()
        .unwrap_or_default();
    let public = data_encoding::BASE64URL_NOPAD
        .decode(public.as_bytes())
        .ok();
    let public = public.and_then(|bytes| bytes.try_into().ok());
    Ok(Pair {
        private: import_seed(algorithm, seed, false).await?,
        public: public.ok_or(BrowserError::Missing("public half of a key"))?,
    })
}

/// Signs with Ed25519.
pub(crate) async fn sign(private: &CryptoKey, message: &[u8]) -> Result<[u8; 64], BrowserError> {
    let signed = subtle().sign_with_str_and_u8_array("Ed25519", private, message)?;
    fixed(&JsFuture::from(signed).await?)
}

/// Takes an Ed25519 public key for [`verify`]; fails when the bytes are no point on the curve.
pub(crate) async fn verifier(public: &[u8; 32]) -> Result<CryptoKey, BrowserError> {
    import("raw", public, Algorithm::Ed25519, false, &["verify"]).await
}

/// Checks an Ed25519 signature.
pub(crate) async fn verify(
    public: &CryptoKey,
    message: &[u8],
    signature: &[u8; 64],
) -> Result<bool, BrowserError> {
    let checked = subtle()
        .verify_with_str_and_u8_array_and_u8_array("Ed25519", public, signature, message)?;
    Ok(JsFuture::from(checked).await?.is_truthy())
}

/// The secret that a private key shares with somebody's public key; fails on a public key of
/// low order, which only an attacker has.
pub(crate) async fn agree(
    private: &CryptoKey,
    public: &[u8; 32],
) -> Result<[u8; 32], BrowserError> {
    let public = import("raw", public, Algorithm::X25519, false, &[]).await?;
    let description = object(&[("name", "X25519".into()), ("public", public.into())])?;
    let shared = subtle().derive_bits_with_object(&description, private, 256)?;
    fixed(&JsFuture::from(shared).await?)
}

/// Takes 32 bytes as an AES-256-GCM key that cannot be read out again.
pub(crate) async fn aes_key(bytes: &[u8; 32]) -> Result<CryptoKey, BrowserError> {
    let bytes = Uint8Array::from(&bytes[..]);
    let usages = list(&["encrypt", "decrypt"]);
    let imported = subtle().import_key_with_str("raw", &bytes, "AES-GCM", false, &usages)?;
    Ok(JsFuture::from(imported).await?.unchecked_into())
}

/// Seals with AES-256-GCM; the tag is the last 16 bytes.
pub(crate) async fn encrypt(
    key: &CryptoKey,
    nonce: &[u8; 12],
    aad: &[u8],
    plain: &[u8],
) -> Result<Vec<u8>, BrowserError> {
    let description = aes_gcm(nonce, aad);
    let sealed = subtle().encrypt_with_object_and_u8_array(&description, key, plain)?;
    bytes(&JsFuture::from(sealed).await?)
}

/// Opens what [`encrypt`] sealed; fails with `OperationError` when a bit is wrong.
pub(crate) async fn decrypt(
    key: &CryptoKey,
    nonce: &[u8; 12],
    aad: &[u8],
    sealed: &[u8],
) -> Result<Vec<u8>, BrowserError> {
    let description = aes_gcm(nonce, aad);
    let plain = subtle().decrypt_with_object_and_u8_array(&description, key, sealed)?;
    bytes(&JsFuture::from(plain).await?)
}

fn subtle() -> SubtleCrypto {
    SUBTLE.with(Clone::clone)
}

fn aes_gcm(nonce: &[u8; 12], aad: &[u8]) -> AesGcmParams {
    let description = AesGcmParams::new("AES-GCM", &Uint8Array::from(&nonce[..]));
    description.set_additional_data_u8_array(&Uint8Array::from(aad));
    description
}

async fn import_seed(
    algorithm: Algorithm,
    seed: &[u8; 32],
    readable: bool,
) -> Result<CryptoKey, BrowserError> {
    let key = [&algorithm.pkcs8_prefix()[..], seed].concat();
    import(
        "pkcs8",
        &key,
        algorithm,
        readable,
        &[algorithm.private_usage()],
    )
    .await
}

async fn import(
    format: &str,
    key: &[u8],
    algorithm: Algorithm,
    readable: bool,
    usages: &[&str],
) -> Result<CryptoKey, BrowserError> {
    let (key, usages) = (Uint8Array::from(key), list(usages));
    let imported =
        subtle().import_key_with_str(format, &key, algorithm.name(), readable, &usages)?;
    Ok(JsFuture::from(imported).await?.unchecked_into())
}

fn object(fields: &[(&str, JsValue)]) -> Result<Object, BrowserError> {
    let object = Object::new();
    for (name, value) in fields {
        Reflect::set(&object, &(*name).into(), value)?;
    }
    Ok(object)
}

fn list(usages: &[&str]) -> Array {
    usages.iter().map(|usage| JsValue::from(*usage)).collect()
}

fn bytes(buffer: &JsValue) -> Result<Vec<u8>, BrowserError> {
    let buffer: &ArrayBuffer = buffer.dyn_ref().ok_or(BrowserError::Missing("WebCrypto"))?;
    Ok(Uint8Array::new(buffer).to_vec())
}

fn fixed<const N: usize>(buffer: &JsValue) -> Result<[u8; N], BrowserError> {
    let bytes = bytes(buffer)?;
    bytes
        .try_into()
        .map_err(|_| BrowserError::Missing("WebCrypto key of the right length"))
}

//! Currencies and how many decimals they have (ISO 4217, list one).

use core::fmt;

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

/// Currencies without decimals.
const EXPONENT_0: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
/// Currencies with three decimals.
const EXPONENT_3: &str = "BHD IQD JOD KWD LYD OMR TND";
/// Currencies with two decimals.
const EXPONENT_2: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB \
    BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD \
    FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT \
    LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK \
    NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP \
    STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW ZWG";

/// A currency of ISO 4217.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency {
    code: &'static str,
    exponent: u8,
}

impl Currency {
    /// The currency with this code, as `INR`; `None` when there is none.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::all().find(|currency| currency.code == code)
    }

    /// Every currency, by code within each number of decimals.
    pub fn all() -> impl Iterator<Item = Self> {
        [(EXPONENT_2, 2), (EXPONENT_0, 0), (EXPONENT_3, 3)]
            .into_iter()
            .flat_map(|(codes, exponent)| {
                codes
                    .split_ascii_whitespace()
                    .map(move |code| Self { code, exponent })
            })
    }

    /// Its code, as `INR`.
    pub const fn code(self) -> &'static str {
        self.code
    }

    /// How many decimals it has: a minor unit is 10 to the minus this.
    pub const fn exponent(self) -> u8 {
        self.exponent
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

impl<C> Encode<C> for Currency {
    fn encode<W: encode::Write>(
        &self,
        encoder: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        encoder.str(self.code)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Currency {
    fn decode(decoder: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        Self::from_code(decoder.str()?)
            .ok_or_else(|| decode::Error::message("not a currency of ISO 4217"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn currencies_have_the_decimals_of_iso_4217() {
        let exponent = |code| Currency::from_code(code).map(Currency::exponent);
        assert_eq!(exponent("INR"), Some(2));
        assert_eq!(exponent("JPY"), Some(0));
        assert_eq!(exponent("KWD"), Some(3));
        assert_eq!(exponent("inr"), None);
        assert_eq!(exponent("XXX"), None);
    }

    #[test]
    fn no_currency_is_listed_twice() {
        let codes: Vec<_> = Currency::all().map(Currency::code).collect();
        let unique: std::collections::BTreeSet<_> = codes.iter().collect();
        assert_eq!(unique.len(), codes.len());
        assert!(codes.iter().all(|code| code.len() == 3));
    }
}

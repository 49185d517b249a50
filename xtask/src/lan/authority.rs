//! A certificate authority of this machine's own, for https on the shop's network.
//!
//! A device that trusts it must not trust it for anything else: the authority is constrained to
//! private addresses, those of this machine and local names (RFC 5280, §4.2.1.10), so that even a
//! stolen key can pose as no site on the internet.

use std::fs::OpenOptions;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, date_time_ymd,
};

use crate::trouble::Trouble;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Ten years: renewing it means to visit every tablet.
const AUTHORITY_LIFETIME: Duration = DAY.saturating_mul(3_650);
/// Made anew each time; some browsers refuse more than 398 days.
const LEAF_LIFETIME: Duration = DAY.saturating_mul(390);

/// Networks that belong to nobody (RFC 1918, 3927, 4193, 4291, 6598) and this machine.
const NETWORKS_V4: [([u8; 4], u8); 6] = [
    ([10, 0, 0, 0], 8),
    ([172, 16, 0, 0], 12),
    ([192, 168, 0, 0], 16),
    ([169, 254, 0, 0], 16),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
];
const NETWORKS_V6: [(u16, u8); 2] = [(0xfc00, 7), (0xfe80, 10)];

/// Where everything lies, as PEM.
pub struct Files {
    /// The folder; only its owner may look into it.
    pub folder: PathBuf,
    /// The authority's certificate, which devices are asked to trust.
    pub authority: PathBuf,
    /// The relay's certificate and the authority's.
    pub chain: PathBuf,
    /// The relay's key.
    pub key: PathBuf,
}

/// Makes the authority once, and each time a certificate of it for these addresses.
///
/// # Errors
/// [`Trouble::Storage`], or [`Trouble::MachineRefuses`] when a stored key can't be read.
pub fn ensure(addresses: &[IpAddr]) -> Result<Files, Trouble> {
    ensure_in(&folder()?, addresses)
}

fn ensure_in(folder: &Path, addresses: &[IpAddr]) -> Result<Files, Trouble> {
    create_private(folder)?;
    let files = Files {
        folder: folder.to_path_buf(),
        authority: folder.join("authority.pem"),
        chain: folder.join("relay.pem"),
        key: folder.join("relay.key"),
    };
    let authority_key = folder.join("authority.key");
    let public = addresses.iter().filter(|address| !is_private(**address));
    let public: Vec<String> = public.map(IpAddr::to_string).collect();
    // Which addresses outside the private networks the authority was made for.
    let made_for = folder.join("authority.addresses");
    let known = std::fs::read_to_string(&made_for).unwrap_or_default();
    let is_covered = public
        .iter()
        .all(|address| known.lines().any(|line| line == address));
    let params = authority_params(addresses);
    if !(files.authority.is_file() && authority_key.is_file() && is_covered) {
        let key = KeyPair::generate().map_err(refused)?;
        let certificate = params.self_signed(&key).map_err(refused)?;
        write_private(&authority_key, &key.serialize_pem())?;
        write_private(&files.authority, &certificate.pem())?;
        write_private(&made_for, &public.join("\n"))?;
        println!("Made a certificate authority for this machine: tablets have yet to trust it");
    }
    let read = |path: &Path| std::fs::read_to_string(path).map_err(Trouble::storage(path));
    let signing_key = KeyPair::from_pem(&read(&authority_key)?).map_err(refused)?;
    let issuer = Issuer::new(params, signing_key);
    let key = KeyPair::generate().map_err(refused)?;
    let leaf = leaf_params(addresses)?
        .signed_by(&key, &issuer)
        .map_err(refused)?;
    write_private(&files.key, &key.serialize_pem())?;
    write_private(&files.chain, &(leaf.pem() + &read(&files.authority)?))?;
    Ok(files)
}

fn authority_params(addresses: &[IpAddr]) -> CertificateParams {
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(DnType::CommonName, "TillMesh on this network");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let public = addresses.iter().filter(|address| !is_private(**address));
    let networks = networks().chain(public.map(|address| whole(*address)));
    let networks = networks
        .map(|(address, bits)| CidrSubnet::from_addr_prefix(address, bits))
        .map(GeneralSubtree::IpAddress);
    let names = ["localhost", "local", "lan", "home.arpa"].map(str::to_owned);
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: networks.chain(names.map(GeneralSubtree::DnsName)).collect(),
        excluded_subtrees: vec![],
    });
    last(&mut params, AUTHORITY_LIFETIME);
    params
}

fn networks() -> impl Iterator<Item = (IpAddr, u8)> {
    let v4 = NETWORKS_V4.map(|(network, bits)| (IpAddr::from(Ipv4Addr::from(network)), bits));
    let v6 = NETWORKS_V6.map(|(first, bits)| {
        (
            IpAddr::from(Ipv6Addr::new(first, 0, 0, 0, 0, 0, 0, 0)),
            bits,
        )
    });
    v4.into_iter().chain(v6)
}

/// The network that holds this address alone.
const fn whole(address: IpAddr) -> (IpAddr, u8) {
    (address, if address.is_ipv4() { 32 } else { 128 })
}

fn is_private(address: IpAddr) -> bool {
    let first_bits = |address: IpAddr, bits: u8| match address {
        IpAddr::V4(address) => u128::from(address.to_bits() >> (32 - bits)),
        IpAddr::V6(address) => address.to_bits() >> (128 - bits),
    };
    networks().any(|(network, bits)| {
        network.is_ipv4() == address.is_ipv4()
            && first_bits(network, bits) == first_bits(address, bits)
    })
}

fn leaf_params(addresses: &[IpAddr]) -> Result<CertificateParams, Trouble> {
    let names = addresses.iter().map(IpAddr::to_string);
    let names: Vec<String> = names
        .chain(["localhost".into(), "127.0.0.1".into()])
        .collect();
    let mut params = CertificateParams::new(names).map_err(refused)?;
    params
        .distinguished_name
        .push(DnType::CommonName, "TillMesh relay");
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    last(&mut params, LEAF_LIFETIME);
    Ok(params)
}

/// From yesterday, because a tablet's clock may be behind ours.
fn last(params: &mut CertificateParams, lifetime: Duration) {
    let today = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let yesterday = date_time_ymd(1970, 1, 1) + today.saturating_sub(DAY);
    params.not_before = yesterday;
    params.not_after = yesterday + lifetime;
}

fn folder() -> Result<PathBuf, Trouble> {
    let named = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let data = named("XDG_DATA_HOME").or_else(|| named("APPDATA"));
    let data = data.filter(|path| path.is_absolute());
    let data = data.or_else(|| std::env::home_dir().map(|home| home.join(".local/share")));
    data.map(|data| data.join("tillmesh").join("authority"))
        .ok_or_else(|| {
            Trouble::MachineRefuses("There is no home folder: set XDG_DATA_HOME.".to_owned())
        })
}

fn create_private(folder: &Path) -> Result<(), Trouble> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(Trouble::storage(folder))
}

/// Writes beside and renames: a key is whole or not there, and never readable by others.
fn write_private(path: &Path, text: &str) -> Result<(), Trouble> {
    let beside = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside).map_err(Trouble::storage(&beside))?;
    file.write_all(text.as_bytes())
        .map_err(Trouble::storage(&beside))?;
    std::fs::rename(&beside, path).map_err(Trouble::storage(path))
}

fn refused(problem: rcgen::Error) -> Trouble {
    Trouble::MachineRefuses(format!("The certificate can't be made: {problem}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authority_is_made_once_and_its_keys_are_private() {
        let folder = std::env::temp_dir().join(format!("tillmesh-lan-{}", std::process::id()));
        let addresses = [IpAddr::from([192, 168, 1, 7])];
        let first = ensure_in(&folder, &addresses).unwrap();
        let authority = std::fs::read(&first.authority).unwrap();
        let chain = std::fs::read(&first.chain).unwrap();
        let second = ensure_in(&folder, &addresses).unwrap();
        assert_eq!(std::fs::read(&second.authority).unwrap(), authority);
        assert_ne!(std::fs::read(&second.chain).unwrap(), chain);
        #[cfg(unix)]
        for path in [&second.key, &folder.join("authority.key")] {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{}", path.display());
        }
        let elsewhere = ensure_in(&folder, &[IpAddr::from([192, 0, 2, 7])]).unwrap();
        assert_ne!(std::fs::read(&elsewhere.authority).unwrap(), authority);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn private_addresses_are_told_from_public_ones() {
        for private in [
            "10.1.2.3",
            "172.31.0.1",
            "192.168.1.7",
            "100.127.0.1",
            "fe80::1",
            "fd00::1",
        ] {
            assert!(is_private(private.parse().unwrap()), "{private}");
        }
        for public in [
            "192.0.2.2",
            "172.32.0.1",
            "11.0.0.1",
            "100.128.0.1",
            "2001:db8::1",
        ] {
            assert!(!is_private(public.parse().unwrap()), "{public}");
        }
    }
}

//! Landlock: which files a program may touch, a second wall behind the mounts.

use std::path::Path;

use landlock::{
    ABI, Access as _, AccessFs, BitFlags, CompatLevel, Compatible as _, PathBeneath, PathFd, Ruleset,
    RulesetAttr as _, RulesetCreated, RulesetCreatedAttr as _, RulesetStatus, Scope,
};

use super::{Ground, Wall};
use crate::spec::{At, CellSpec, Failure, Mount};

/// The newest interface that we know; an older kernel enforces what it has of it.
const NEWEST: ABI = ABI::V6;

/// Restricts the calling process, for good, to what the spec's mounts are for.
pub(super) fn restrict(spec: &CellSpec, wall: &Wall<'_>) -> Result<(), Failure> {
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    let write = AccessFs::from_all(NEWEST)
        & !(AccessFs::Execute | AccessFs::MakeChar | AccessFs::MakeBlock | AccessFs::IoctlDev);
    let mut ruleset = Ruleset::default()
        .handle_access(AccessFs::from_all(NEWEST))
        .at("Landlock")?
        .scope(Scope::from_all(NEWEST))
        .at("Landlock")?
        .create()
        .at("Landlock")?;
    // A root of its own holds nothing that is not the cell's; the host's root is shown only where a mount says so.
    if wall.ground == Ground::Namespaces {
        ruleset = allow(ruleset, Path::new("/"), read)?;
    }
    for mount in &spec.mounts {
        let place = |target| wall.layout.place(target);
        ruleset = match mount {
            Mount::ReadOnly { target, exec: true, .. } => allow(ruleset, &place(target), read | AccessFs::Execute)?,
            Mount::ReadOnly { target, exec: false, .. } | Mount::File { target, .. } => {
                allow(ruleset, &place(target), read)?
            }
            Mount::Scratch { target } => allow(ruleset, &place(target), write)?,
            Mount::Overlay { lower, target } => {
                let ruleset = allow(ruleset, &place(target), write)?;
                if wall.ground == Ground::Namespaces { ruleset } else { allow(ruleset, lower, read)? }
            }
            Mount::Link { .. } => ruleset,
            Mount::Device { path } => allow(ruleset, path, AccessFs::ReadFile | AccessFs::WriteFile)?,
        };
    }
    let status = ruleset.restrict_self().at("Landlock")?;
    if status.ruleset == RulesetStatus::NotEnforced {
        return Err(Failure::new("Landlock", "the kernel does not enforce it"));
    }
    Ok(())
}

/// A file takes fewer rights than a folder; what it does not take is left out.
fn allow(ruleset: RulesetCreated, path: &Path, access: BitFlags<AccessFs>) -> Result<RulesetCreated, Failure> {
    let access = if path.is_dir() { access } else { access & AccessFs::from_file(NEWEST) };
    let beneath = PathFd::new(path).at(format_args!("Landlock rule for {}", path.display()))?;
    ruleset.add_rule(PathBeneath::new(beneath, access)).at(format_args!("Landlock rule for {}", path.display()))
}

/// The newest interface of those we know that this kernel has, as its number; `None` without Landlock.
pub(crate) fn abi() -> Option<u32> {
    let known = [(6, ABI::V6), (5, ABI::V5), (4, ABI::V4), (3, ABI::V3), (2, ABI::V2), (1, ABI::V1)];
    known.into_iter().find_map(|(number, abi)| supports(abi).then_some(number))
}

fn supports(abi: ABI) -> bool {
    let ruleset = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
    let ruleset = ruleset.handle_access(AccessFs::from_all(abi));
    let scopes = Scope::from_all(abi);
    let ruleset = if scopes.is_empty() { ruleset } else { ruleset.and_then(|ruleset| ruleset.scope(scopes)) };
    ruleset.and_then(Ruleset::create).is_ok()
}

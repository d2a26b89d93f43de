//! Landlock: which files a program may touch, a second wall behind the mounts.

use std::path::Path;

use landlock::{
    ABI, Access as _, AccessFs, BitFlags, CompatLevel, Compatible as _, PathBeneath, PathFd, Ruleset,
    RulesetAttr as _, RulesetCreated, RulesetCreatedAttr as _, RulesetStatus, Scope,
};

use crate::spec::{At, CellSpec, Failure, Mount};

/// The newest interface that we know; an older kernel enforces what it has of it.
const NEWEST: ABI = ABI::V6;

/// Restricts the calling process, for good, to what the spec's mounts are for.
pub(crate) fn restrict(spec: &CellSpec) -> Result<(), Failure> {
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
    ruleset = allow(ruleset, Path::new("/"), read)?;
    for mount in &spec.mounts {
        ruleset = match mount {
            Mount::ReadOnly { target, exec: true, .. } => allow(ruleset, target, read | AccessFs::Execute)?,
            Mount::Scratch { target } | Mount::Overlay { target, .. } => allow(ruleset, target, write)?,
            Mount::Device { path } => allow(ruleset, path, AccessFs::ReadFile | AccessFs::WriteFile)?,
            Mount::ReadOnly { exec: false, .. } | Mount::File { .. } => ruleset,
        };
    }
    let status = ruleset.restrict_self().at("Landlock")?;
    if status.ruleset == RulesetStatus::NotEnforced {
        return Err(Failure::new("Landlock", "the kernel does not enforce it"));
    }
    Ok(())
}

fn allow(ruleset: RulesetCreated, path: &Path, access: BitFlags<AccessFs>) -> Result<RulesetCreated, Failure> {
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

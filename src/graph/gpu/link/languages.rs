//! Valid WGSL in the languages that drivers are given.

use naga::back::{hlsl, msl, spv};
use naga::proc::{BoundsCheckPolicies, BoundsCheckPolicy};
use naga::valid::{ModuleInfo, ValidationFlags, Validator};
use naga::{AddressSpace, ImageClass, Module, ResourceBinding, StorageAccess, TypeInner};

use super::CAPABILITIES;

/// A text, read and validated. The error is in words of the library.
fn read(wgsl: &str) -> Result<(Module, ModuleInfo), String> {
    let module = naga::front::wgsl::parse_str(wgsl);
    let module = module.map_err(|error| error.emit_to_string(wgsl))?;
    let info = Validator::new(ValidationFlags::all(), CAPABILITIES)
        .validate(&module)
        .map_err(|error| error.emit_to_string(wgsl))?;
    Ok((module, info))
}

/// A valid text as SPIR-V, as drivers of Vulkan get it.
///
/// # Errors
/// What the text cannot be written for, in words of the library.
pub fn spirv(wgsl: &str) -> Result<Vec<u32>, String> {
    let (module, info) = read(wgsl)?;
    let options = spv::Options {
        lang_version: (1, 5),
        ..Default::default()
    };
    let written = spv::write_vec(&module, &info, &options, None);
    written.map_err(|error| error.to_string())
}

/// A valid text in the Metal Shading Language 2.4, with the checks that wgpu asks for. Buffers and textures are numbered
/// from 0, each kind by itself, in the order of groups and bindings; the sizes of buffers come after the buffers.
///
/// # Errors
/// As [`spirv`].
pub fn msl(wgsl: &str) -> Result<String, String> {
    let (module, info) = read(wgsl)?;
    let mut resources = msl::EntryPointResources::default();
    let (mut buffers, mut textures) = (0, 0);
    for (binding, kind) in bindings(&module) {
        let (is_buffer, mutable) = match kind {
            Kind::Uniform | Kind::Words { written: false } => (true, false),
            Kind::Words { written: true } => (true, true),
            Kind::Texture { written } => (false, written),
        };
        let slot = match is_buffer {
            true => &mut buffers,
            false => &mut textures,
        };
        let target = msl::BindTarget {
            buffer: is_buffer.then_some(*slot),
            texture: (!is_buffer).then_some(*slot),
            mutable,
            ..Default::default()
        };
        *slot += 1;
        resources.resources.insert(binding, target);
    }
    resources.sizes_buffer = Some(buffers);
    let entries = module.entry_points.iter();
    let each = entries.map(|entry| (entry.name.clone(), resources.clone()));
    let options = msl::Options {
        lang_version: (2, 4),
        per_entry_point_map: each.collect(),
        fake_missing_bindings: false,
        bounds_check_policies: BoundsCheckPolicies {
            index: BoundsCheckPolicy::Restrict,
            buffer: BoundsCheckPolicy::Restrict,
            image_load: BoundsCheckPolicy::Restrict,
            binding_array: BoundsCheckPolicy::Unchecked,
        },
        ..Default::default()
    };
    let (text, written) = msl::write_string(&module, &info, &options, &Default::default())
        .map_err(|error| error.to_string())?;
    for name in written.entry_point_names {
        name.map_err(|error| error.to_string())?;
    }
    Ok(text)
}

/// A valid text in HLSL of shader model 6.0, with the checks that wgpu asks for. Registers of each kind (b, t, u) count from
/// 0 in the order of groups and bindings.
///
/// # Errors
/// As [`spirv`].
pub fn hlsl(wgsl: &str) -> Result<String, String> {
    let (module, info) = read(wgsl)?;
    let mut map = hlsl::BindingMap::default();
    let (mut constants, mut read_only, mut writable) = (0, 0, 0);
    for (binding, kind) in bindings(&module) {
        let register = match kind {
            Kind::Uniform => &mut constants,
            Kind::Words { written: false } | Kind::Texture { written: false } => &mut read_only,
            Kind::Words { written: true } | Kind::Texture { written: true } => &mut writable,
        };
        let target = hlsl::BindTarget {
            register: *register,
            ..Default::default()
        };
        *register += 1;
        map.insert(binding, target);
    }
    let options = hlsl::Options {
        shader_model: hlsl::ShaderModel::V6_0,
        binding_map: map,
        fake_missing_bindings: false,
        ..Default::default()
    };
    let mut text = String::new();
    let written = hlsl::Writer::new(&mut text, &options, &Default::default())
        .write(&module, &info, None)
        .map_err(|error| error.to_string())?;
    for name in written.entry_point_names {
        name.map_err(|error| error.to_string())?;
    }
    Ok(text)
}

/// What is bound.
enum Kind {
    Uniform,
    Words { written: bool },
    Texture { written: bool },
}

/// The bindings of a module in their order. Shaders of passes have no samplers.
fn bindings(module: &Module) -> Vec<(ResourceBinding, Kind)> {
    let globals = module.global_variables.iter();
    let mut found: Vec<_> = globals
        .filter_map(|(_, global)| {
            let kind = match (global.space, &module.types[global.ty].inner) {
                (AddressSpace::Uniform, _) => Kind::Uniform,
                (AddressSpace::Storage { access }, _) => Kind::Words {
                    written: access.contains(StorageAccess::STORE),
                },
                (_, TypeInner::Image { class, .. }) => Kind::Texture {
                    written: matches!(class, ImageClass::Storage { .. }),
                },
                _ => return None,
            };
            Some((global.binding?, kind))
        })
        .collect();
    found.sort_by_key(|(binding, _)| (binding.group, binding.binding));
    found
}

#[cfg(test)]
mod tests {
    use super::{hlsl, msl};

    const TEXT: &str = "
        @group(0) @binding(0) var<uniform> part: vec4u;
        @group(1) @binding(0) var<storage, read_write> words: array<u32>;
        @group(1) @binding(1) var first: texture_2d<f32>;
        @group(1) @binding(2) var<storage, read> counted: array<u32>;
        @group(1) @binding(3) var second: texture_2d<f32>;
        @group(1) @binding(4) var written: texture_storage_2d<rgba16float, write>;
        @compute @workgroup_size(16, 16) fn main(@builtin(global_invocation_id) id: vec3u) {
            let at = vec2i(id.xy + part.xy);
            words[0] = counted[part.z];
            textureStore(written, at, textureLoad(first, at, 0) + textureLoad(second, at, 0));
        }";

    #[test]
    fn each_kind_of_binding_is_numbered_by_itself() {
        let text = msl(TEXT).unwrap();
        for words in [
            "kernel void main_(",
            "part [[buffer(0)]]",
            "words [[buffer(1)]]",
            "counted [[buffer(2)]]",
            "[[buffer(3)]]",
            "first [[texture(0)]]",
            "second [[texture(1)]]",
            "written [[texture(2)]]",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
        let text = hlsl(TEXT).unwrap();
        for words in [
            "part : register(b0)",
            "words : register(u0)",
            "first : register(t0)",
            "counted : register(t1)",
            "second : register(t2)",
            "written : register(u1)",
            "[numthreads(16, 16, 1)]",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
    }

    #[test]
    fn what_is_no_wgsl_is_an_error() {
        for write in [msl, hlsl] {
            assert!(write("fn wrong() -> f32 { return 1u; }").is_err());
        }
    }
}

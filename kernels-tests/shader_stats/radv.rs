//! RADV, Mesa's driver for AMD GPUs, with a GPU that is not there (its null winsys): it compiles pipelines as for a real
//! one and tells what they are made of, and can run nothing.

use std::error::Error;
use std::ffi::{CStr, CString, c_char};

use ash::vk;

/// What RADV tells of a compiled entry point.
#[derive(Clone, Debug, Default)]
pub struct Compiled {
    pub vgprs: u64,
    /// Bytes of scratch memory of an invocation: registers and arrays that found no room.
    pub scratch: u64,
    /// Bytes of workgroup memory.
    pub lds: u64,
    /// ACO's estimate: cycles that an invocation's wave keeps a unit busy. Loops count eightfold.
    pub cost: u64,
    /// Its disassembly.
    pub assembly: String,
}

/// The device that `RADV_FORCE_FAMILY` of the environment names.
pub struct Radv {
    _entry: ash::Entry,
    device: ash::Device,
    executables: ash::khr::pipeline_executable_properties::Device,
    /// The version of Mesa: `22.3.6`.
    pub mesa: String,
}

fn text(chars: &[c_char]) -> String {
    let bytes: Vec<u8> = chars.iter().map(|c| *c as u8).collect();
    let text = CStr::from_bytes_until_nul(&bytes).unwrap_or_default();
    text.to_string_lossy().into_owned()
}

impl Radv {
    /// The device, or why there is none.
    pub fn open() -> Result<Self, Box<dyn Error>> {
        // SAFETY: the structures that these calls are given live as long as the calls, and the library is kept.
        unsafe {
            let entry = ash::Entry::load()?;
            let app = vk::ApplicationInfo::default().api_version(vk::API_VERSION_1_2);
            let instance = vk::InstanceCreateInfo::default().application_info(&app);
            let instance = entry.create_instance(&instance, None)?;
            let mut found = None;
            for physical in instance.enumerate_physical_devices()? {
                let mut driver = vk::PhysicalDeviceDriverProperties::default();
                let mut properties =
                    vk::PhysicalDeviceProperties2::default().push_next(&mut driver);
                instance.get_physical_device_properties2(physical, &mut properties);
                if driver.driver_id == vk::DriverId::MESA_RADV {
                    found = Some((physical, text(&driver.driver_info)));
                }
            }
            let (physical, info) = found.ok_or("no RADV: install mesa-vulkan-drivers")?;
            let word = info.split([' ', '-']).nth(1).unwrap_or(&info);
            let queues = [vk::DeviceQueueCreateInfo::default().queue_priorities(&[1.0])];
            let names = [ash::khr::pipeline_executable_properties::NAME.as_ptr()];
            let mut told = vk::PhysicalDevicePipelineExecutablePropertiesFeaturesKHR::default()
                .pipeline_executable_info(true);
            let device = vk::DeviceCreateInfo::default()
                .queue_create_infos(&queues)
                .enabled_extension_names(&names)
                .push_next(&mut told);
            let device = instance.create_device(physical, &device, None)?;
            Ok(Self {
                executables: ash::khr::pipeline_executable_properties::Device::new(
                    &instance, &device,
                ),
                device,
                mesa: word.to_owned(),
                _entry: entry,
            })
        }
    }

    /// Compiles one entry point. `bindings` has group, number and kind of each binding.
    pub fn compile(
        &self,
        spirv: &[u32],
        entry: &str,
        bindings: &[(u32, u32, vk::DescriptorType)],
    ) -> Result<Compiled, Box<dyn Error>> {
        let device = &self.device;
        let entry = CString::new(entry)?;
        // SAFETY: as above; what is made is kept until the process ends.
        unsafe {
            let mut groups = Vec::new();
            for group in 0..3 {
                let own = bindings.iter().filter(|binding| binding.0 == group);
                let own: Vec<_> = own
                    .map(|(_, number, kind)| {
                        vk::DescriptorSetLayoutBinding::default()
                            .binding(*number)
                            .descriptor_type(*kind)
                            .descriptor_count(1)
                            .stage_flags(vk::ShaderStageFlags::COMPUTE)
                    })
                    .collect();
                let layout = vk::DescriptorSetLayoutCreateInfo::default().bindings(&own);
                groups.push(device.create_descriptor_set_layout(&layout, None)?);
            }
            let layout = vk::PipelineLayoutCreateInfo::default().set_layouts(&groups);
            let layout = device.create_pipeline_layout(&layout, None)?;
            let module = vk::ShaderModuleCreateInfo::default().code(spirv);
            let module = device.create_shader_module(&module, None)?;
            let stage = vk::PipelineShaderStageCreateInfo::default()
                .stage(vk::ShaderStageFlags::COMPUTE)
                .module(module)
                .name(&entry);
            let wanted = vk::PipelineCreateFlags::CAPTURE_STATISTICS_KHR
                | vk::PipelineCreateFlags::CAPTURE_INTERNAL_REPRESENTATIONS_KHR;
            let pipeline = vk::ComputePipelineCreateInfo::default()
                .stage(stage)
                .layout(layout)
                .flags(wanted);
            let made = device
                .create_compute_pipelines(vk::PipelineCache::null(), &[pipeline], None)
                .map_err(|(_, error)| error)?;
            let mut compiled = Compiled::default();
            let info = vk::PipelineExecutableInfoKHR::default().pipeline(made[0]);
            for statistic in self.executables.get_pipeline_executable_statistics(&info)? {
                let value = statistic.value.u64;
                match text(&statistic.name).as_str() {
                    "VGPRs" => compiled.vgprs = value,
                    "Scratch size" => compiled.scratch = value,
                    "LDS size" => compiled.lds = value,
                    "Inverse Throughput" => compiled.cost = value,
                    _ => {}
                }
            }
            // Asked twice: for the lengths, and for the texts.
            let function = self
                .executables
                .fp()
                .get_pipeline_executable_internal_representations_khr;
            let mut count = 0;
            function(device.handle(), &info, &mut count, std::ptr::null_mut()).result()?;
            let empty = vk::PipelineExecutableInternalRepresentationKHR::default();
            let mut texts = vec![empty; count as usize];
            function(device.handle(), &info, &mut count, texts.as_mut_ptr()).result()?;
            let mut rooms: Vec<Vec<u8>> = texts.iter().map(|t| vec![0; t.data_size]).collect();
            for (text, room) in texts.iter_mut().zip(&mut rooms) {
                text.p_data = room.as_mut_ptr().cast();
            }
            function(device.handle(), &info, &mut count, texts.as_mut_ptr()).result()?;
            for (representation, room) in texts.iter().zip(rooms) {
                if text(&representation.name).starts_with("Assembly") {
                    compiled.assembly = String::from_utf8_lossy(&room).into_owned();
                }
            }
            device.destroy_pipeline(made[0], None);
            device.destroy_shader_module(module, None);
            Ok(compiled)
        }
    }
}

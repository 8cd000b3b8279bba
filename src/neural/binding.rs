//! Runs a session of ONNX Runtime on tensors where they lie, by its own calls: `ort` cannot bind an input that somebody
//! else holds (it waits for ever), nor 16-bit floats.

use std::ffi::{CStr, CString};

use ort::AsPointer;
use ort::session::Session;
use ort::sys::{
    ONNXTensorElementDataType, OrtAllocatorType, OrtIoBinding, OrtMemType, OrtMemoryInfo,
    OrtStatusPtr, OrtValue,
};

use super::contract::Dtype;

/// The memory that addresses count in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    name: &'static CStr,
    number: u32,
}

impl Place {
    pub const PROCESSOR: Self = Self {
        name: c"Cpu",
        number: 0,
    };

    /// The memory of the card that CUDA counts as `number`.
    pub const fn cuda(number: u32) -> Self {
        Self {
            name: c"Cuda",
            number,
        }
    }
}

/// A tensor somewhere.
#[derive(Clone, Debug)]
pub(super) struct Bound {
    pub name: String,
    pub shape: Vec<usize>,
    pub dtype: Dtype,
    pub address: u64,
    pub bytes: usize,
}

/// An object of ONNX Runtime, which is freed with it.
struct Held<T> {
    raw: *mut T,
    free: unsafe extern "system" fn(*mut T),
}

impl<T> Held<T> {
    /// What `make` writes.
    fn new(
        free: unsafe extern "system" fn(*mut T),
        make: impl FnOnce(*mut *mut T) -> OrtStatusPtr,
    ) -> ort::Result<Self> {
        let mut raw = std::ptr::null_mut();
        check(make(&mut raw))?;
        Ok(Self { raw, free })
    }
}

impl<T> Drop for Held<T> {
    fn drop(&mut self) {
        // SAFETY: the object is there, and nobody else frees it.
        unsafe { (self.free)(self.raw) }
    }
}

fn check(status: OrtStatusPtr) -> ort::Result<()> {
    // SAFETY: all callers give the status that a call has just returned.
    unsafe { ort::Error::result_from_status(status) }
}

/// Runs `session` once: it reads `inputs` and fills `outputs`, all of them in the memory `place`. What is made is there when
/// the call returns.
///
/// # Safety
/// At each address there are so many bytes of that memory. Nobody else writes the inputs or uses the outputs meanwhile.
pub(super) unsafe fn run(
    session: &mut Session,
    place: Place,
    inputs: &[Bound],
    outputs: &[Bound],
) -> ort::Result<()> {
    let api = ort::api();
    // SAFETY: all pointers that are given are valid during the calls, and those that are kept live to the end of this
    // function: values and memory longer than the binding. What lies at the addresses is the caller's promise.
    unsafe {
        let memory: Held<OrtMemoryInfo> = Held::new(api.ReleaseMemoryInfo, |out| {
            (api.CreateMemoryInfo)(
                place.name.as_ptr(),
                OrtAllocatorType::OrtDeviceAllocator,
                place.number as i32,
                OrtMemType::OrtMemTypeDefault,
                out,
            )
        })?;
        let value = |tensor: &Bound| -> ort::Result<Held<OrtValue>> {
            let shape: Vec<i64> = tensor.shape.iter().map(|side| *side as i64).collect();
            Held::new(api.ReleaseValue, |out| {
                (api.CreateTensorWithDataAsOrtValue)(
                    memory.raw,
                    tensor.address as *mut std::ffi::c_void,
                    tensor.bytes,
                    shape.as_ptr(),
                    shape.len(),
                    match tensor.dtype {
                        Dtype::F32 => {
                            ONNXTensorElementDataType::ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT
                        }
                        Dtype::F16 => {
                            ONNXTensorElementDataType::ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16
                        }
                    },
                    out,
                )
            })
        };
        let inputs = named(inputs, value)?;
        let outputs = named(outputs, value)?;
        let binding: Held<OrtIoBinding> = Held::new(api.ReleaseIoBinding, |out| {
            (api.CreateIoBinding)(session.ptr_mut(), out)
        })?;
        for (name, value) in &inputs {
            check((api.BindInput)(binding.raw, name.as_ptr(), value.raw))?;
        }
        for (name, value) in &outputs {
            check((api.BindOutput)(binding.raw, name.as_ptr(), value.raw))?;
        }
        check((api.SynchronizeBoundInputs)(binding.raw))?;
        check((api.RunWithBinding)(
            session.ptr_mut(),
            std::ptr::null(),
            binding.raw,
        ))?;
        check((api.SynchronizeBoundOutputs)(binding.raw))
    }
}

/// Each tensor as ONNX Runtime's, with its name.
fn named(
    tensors: &[Bound],
    value: impl Fn(&Bound) -> ort::Result<Held<OrtValue>>,
) -> ort::Result<Vec<(CString, Held<OrtValue>)>> {
    let named = tensors.iter().map(|tensor| {
        // A name of a model has no zero in it.
        let name = CString::new(tensor.name.as_str()).unwrap_or_default();
        Ok((name, value(tensor)?))
    });
    named.collect()
}

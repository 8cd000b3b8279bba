//! Reads damaged files for a while: `fuzz [SECONDS [SEED]]`. Small clips of many containers and codecs are made with the `ffmpeg`
//! tool, their bytes changed at random, and each is opened, decoded to its end, sought in and cut. Nothing may panic, crash,
//! hang or take all memory. The file that did is left as `fuzz-case`, with the seed that leads to it in `fuzz-case.txt`.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use aquatint::media::{Source, SourceEvent};

/// A file that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(60);
/// Bytes of memory that a small file may take.
const MEMORY: u64 = 6 << 30;
/// Pictures that are decoded of one file.
const PICTURES: usize = 100;

/// Endings, and how FFmpeg makes them.
const CLIPS: &[(&str, &str)] = &[
    ("mp4", "-c:v libx264 -bf 2 -g 5 -pix_fmt yuv420p -c:a aac"),
    (
        "frag.mp4",
        "-c:v libx264 -g 5 -pix_fmt yuv420p -c:a aac -movflags frag_keyframe+empty_moov",
    ),
    (
        "hevc.mkv",
        "-c:v libx265 -x265-params log-level=none:keyint=5 -c:a flac",
    ),
    ("webm", "-c:v libvpx-vp9 -cpu-used 8 -c:a libopus"),
    ("ffv1.mkv", "-c:v ffv1 -level 3 -slices 4 -c:a pcm_s16le"),
    ("mov", "-c:v prores_ks -c:a pcm_s16le"),
    ("avi", "-c:v mpeg4 -bf 2 -c:a mp2"),
    ("ts", "-c:v mpeg2video -g 5 -c:a mp2"),
    ("flv", "-c:v flv -c:a pcm_s16le -ar 44100"),
    ("nut", "-c:v rawvideo -pix_fmt yuv420p10le -c:a pcm_s16le"),
    (
        "dv",
        "-c:v dvvideo -s 720x576 -pix_fmt yuv420p -frames:v 2 -c:a pcm_s16le -ar 48000 -ac 2",
    ),
    ("gif", "-an -frames:v 4"),
    ("png", "-an -frames:v 1"),
    ("jpg", "-an -frames:v 1"),
];

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).map(|word| word.parse::<u64>());
    let mut number = |usual| arguments.next().and_then(Result::ok).unwrap_or(usual);
    let (seconds, seed) = (number(60), number(1));
    limit_memory();
    let folder = std::env::temp_dir().join(format!("aquatint-fuzz-{}", std::process::id()));
    if let Err(error) = std::fs::create_dir_all(&folder) {
        eprintln!("cannot create {}: {error}", folder.display());
        return ExitCode::FAILURE;
    }
    let clips: Vec<Vec<u8>> = CLIPS
        .iter()
        .filter_map(|(name, how)| clip(&folder, name, how))
        .collect();
    println!(
        "{} kinds of clips, {seconds} s, from seed {seed}",
        clips.len()
    );
    let began = Arc::new(AtomicU64::new(0));
    watch(Arc::clone(&began));
    let start = Instant::now();
    let (mut tried, mut opened, mut pictures) = (0u64, 0u64, 0u64);
    let case = Path::new("fuzz-case");
    while start.elapsed() < Duration::from_secs(seconds) && !clips.is_empty() {
        let this = seed.wrapping_add(tried);
        let mut random = Random(this.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let mut bytes = clips[random.below(clips.len())].clone();
        change(&mut bytes, &mut random);
        let written = std::fs::write(case, &bytes)
            .and_then(|()| std::fs::write("fuzz-case.txt", format!("{this}\n")));
        if let Err(error) = written {
            eprintln!("cannot write {}: {error}", case.display());
            return ExitCode::FAILURE;
        }
        began.store(start.elapsed().as_secs() + 1, Ordering::Relaxed);
        if let Some(seen) = read(case, &mut random) {
            opened += 1;
            pictures += seen as u64;
        }
        tried += 1;
    }
    for file in [case, Path::new("fuzz-case.txt")] {
        // They are left only where something happened.
        let _ = std::fs::remove_file(file);
    }
    let _ = std::fs::remove_dir_all(&folder);
    println!(
        "{tried} files, {opened} could be opened, {pictures} pictures: no panic, crash or hang"
    );
    ExitCode::SUCCESS
}

/// Opens the file, decodes some of it, goes somewhere and decodes again; gives the number of pictures.
fn read(path: &Path, random: &mut Random) -> Option<usize> {
    let mut source = Source::open(path).ok()?;
    let mut seen = pictures(&mut source);
    let around = source
        .info()
        .video()
        .duration
        .unwrap_or(1000)
        .clamp(1, 1 << 40);
    let from = source
        .info()
        .video()
        .start
        .unwrap_or(0)
        .saturating_add(random.below(around as usize) as i64);
    if source.range(from..from.saturating_add(around / 4)).is_ok() {
        seen += pictures(&mut source);
    }
    source.damage().words();
    Some(seen)
}

fn pictures(source: &mut Source) -> usize {
    let mut seen = 0;
    while seen < PICTURES {
        match source.next_event() {
            Ok(Some(SourceEvent::Frame(frame, _))) => {
                seen += 1;
                // Every row must be there.
                let picture = &frame.picture;
                for plane in 0..picture.format.plane_count() {
                    let rows = picture
                        .format
                        .plane_extent(plane, picture.width, picture.height)
                        .rows;
                    let sum: u64 = (0..rows).map(|y| u64::from(picture.row(plane, y)[0])).sum();
                    std::hint::black_box(sum);
                }
            }
            Ok(Some(SourceEvent::Packet(_))) => {}
            Ok(None) | Err(_) => break,
        }
    }
    seen
}

fn clip(folder: &Path, name: &str, how: &str) -> Option<Vec<u8>> {
    let path = folder.join(format!("clip.{name}"));
    let made = Command::new("ffmpeg")
        .args([
            "-nostdin",
            "-v",
            "error",
            "-y",
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=64x48:r=10:d=1.2",
        ])
        .args(["-f", "lavfi", "-i", "sine=d=1.2"])
        .args(how.split_whitespace())
        .arg(&path)
        .status();
    match made {
        Ok(status) if status.success() => std::fs::read(path).ok(),
        _ => {
            eprintln!("left out, since ffmpeg cannot make it: {name}");
            None
        }
    }
}

/// Changes some bytes, in the ways that have broken parsers.
fn change(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..1 + random.below(8) {
        if bytes.len() < 16 {
            return;
        }
        // Headers are more interesting than pictures.
        let reach = if random.below(2) == 0 {
            bytes.len().min(1024)
        } else {
            bytes.len()
        };
        let at = random.below(reach - 8);
        match random.below(7) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = random.next() as u8,
            2 => {
                let values = [
                    0,
                    1,
                    0x7fff_ffff,
                    0x8000_0000,
                    0xffff_ffff,
                    0x0100_0000,
                    0xffff,
                ];
                let value: u32 = values[random.below(values.len())];
                bytes[at..at + 4].copy_from_slice(&value.to_be_bytes());
            }
            3 => bytes.truncate(at.max(16)),
            4 => {
                let end = (at + random.below(256)).min(bytes.len());
                bytes.drain(at..end);
            }
            5 => {
                let end = (at + random.below(256)).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                let to = random.below(bytes.len());
                bytes.splice(to..to, copy);
            }
            _ => {
                let end = (at + random.below(64)).min(bytes.len());
                bytes[at..end].fill(if random.below(2) == 0 { 0 } else { 0xff });
            }
        }
    }
}

/// Ends the process when a file takes too long: what was begun is left in `fuzz-case`.
fn watch(began: Arc<AtomicU64>) {
    let start = Instant::now();
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_secs(1));
            let since = began.load(Ordering::Relaxed);
            if since > 0 && start.elapsed().as_secs() > since + PATIENCE.as_secs() {
                eprintln!("hangs: see fuzz-case");
                std::process::abort();
            }
        }
    });
}

/// Memory beyond the limit cannot be had: what asks for it is told so, or ends the process.
fn limit_memory() {
    #[cfg(target_os = "linux")]
    {
        let limit = libc::rlimit {
            rlim_cur: MEMORY,
            rlim_max: MEMORY,
        };
        // SAFETY: the limit is valid for the call.
        unsafe { libc::setrlimit(libc::RLIMIT_AS, &limit) };
    }
}

/// Marsaglia's xorshift: the same seed, the same files.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

// Keeps one video in step with another: small drifts by its speed, large ones by a jump.

const LEAST = 0.9;
const MOST = 1.1;
const GAIN = 0.8;
const JUMP = 0.25;
// After a jump the browser needs a moment before its time is right again.
const REST = 400;

/** `b` follows `a`; at the time T of `a`, `b` is at T + `offset`. Gives a function that ends it. */
export function keepInStep(a, b, offset, fps) {
  const half = 0.5 / (fps || 25);
  let handle = 0;
  let rested = 0;
  let stopped = false;
  const hasFrames = "requestVideoFrameCallback" in HTMLVideoElement.prototype;

  const wanted = () => Math.max(0, Math.min(Number.isFinite(b.duration) ? b.duration : Infinity, a.currentTime + offset));

  function jump() {
    rested = performance.now() + REST;
    b.playbackRate = a.playbackRate;
    b.currentTime = wanted();
  }

  function look() {
    if (stopped) return;
    const drift = wanted() - b.currentTime;
    if (a.paused || b.seeking || a.seeking || performance.now() < rested) {
      b.playbackRate = a.playbackRate;
    } else if (Math.abs(drift) > JUMP) {
      jump();
    } else {
      const rate = Math.abs(drift) > half ? 1 + GAIN * drift : 1;
      b.playbackRate = a.playbackRate * Math.min(MOST, Math.max(LEAST, rate));
    }
    wait();
  }

  function wait() {
    handle = hasFrames ? b.requestVideoFrameCallback(look) : setTimeout(look, 40);
  }

  const play = () => {
    if (b.currentTime < b.duration || !Number.isFinite(b.duration)) b.play().catch(() => {});
  };
  const pause = () => {
    b.pause();
    jump();
  };
  const seek = () => {
    if (Math.abs(wanted() - b.currentTime) > half) jump();
  };
  // One that waits for its bytes holds the other.
  const events = [[a, "play", play], [a, "pause", pause], [a, "seeking", seek], [a, "seeked", seek], [a, "waiting", () => b.pause()], [a, "playing", play], [b, "loadedmetadata", seek]];
  for (const [video, name, act] of events) video.addEventListener(name, act);
  wait();
  return () => {
    stopped = true;
    for (const [video, name, act] of events) video.removeEventListener(name, act);
    if (hasFrames) b.cancelVideoFrameCallback(handle);
    else clearTimeout(handle);
  };
}

/** Reads QR codes with the camera by `BarcodeDetector`, which Chrome on Android has and Safari on iOS does not. */

interface Detector {
  detect(source: HTMLVideoElement): Promise<readonly { rawValue: string }[]>
}
type DetectorClass = new (options: { formats: readonly string[] }) => Detector

const PAUSE_MS = 150

const detectorClass = (): DetectorClass | undefined => (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector

/** Whether this browser can scan. */
export const canScan = (): boolean => detectorClass() !== undefined && navigator.mediaDevices?.getUserMedia !== undefined

/**
 * Show the camera in `video` and call `found` with the text of each code, until the returned function is called. Rejects if
 * access to the camera is denied.
 */
export async function scan(video: HTMLVideoElement, found: (text: string) => void): Promise<() => void> {
  const Class = detectorClass()
  if (!Class) throw new Error('no BarcodeDetector')
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
  let timer: ReturnType<typeof setTimeout> | undefined
  let ended = false
  const stop = () => {
    ended = true
    clearTimeout(timer)
    for (const track of stream.getTracks()) track.stop()
    video.srcObject = null
  }
  try {
    video.srcObject = stream
    await video.play()
    const detector = new Class({ formats: ['qr_code'] })
    const look = async () => {
      const codes = await detector.detect(video).catch(() => [])
      if (ended) return
      for (const { rawValue } of codes) found(rawValue)
      timer = setTimeout(() => void look(), PAUSE_MS)
    }
    void look()
  } catch (error) {
    stop()
    throw error
  }
  return stop
}

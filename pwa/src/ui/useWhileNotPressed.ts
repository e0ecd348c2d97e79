/** Keeps a list as it is while a finger is on the screen: what is pressed would otherwise be replaced before the tap ends. */

import { useEffect, useState } from 'react'

/** how long a browser may take from the end of a touch to its click */
const CLICK_MS = 300

/** A value that follows another one, except between a press on the screen and the click that it becomes. */
export function useWhileNotPressed<T>(value: T): T {
  const [shown, setShown] = useState(value)
  const pressed = usePressed()
  useEffect(() => {
    if (!pressed) setShown(() => value)
  }, [value, pressed])
  return shown
}

function usePressed(): boolean {
  const [pressed, setPressed] = useState(false)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const begin = () => {
      clearTimeout(timer)
      setPressed(true)
    }
    const endAfter = (ms: number) => () => {
      clearTimeout(timer)
      timer = setTimeout(() => setPressed(false), ms)
    }
    const handlers = { pointerdown: begin, pointerup: endAfter(CLICK_MS), pointercancel: endAfter(0), click: endAfter(0) }
    for (const [name, handler] of Object.entries(handlers)) document.addEventListener(name, handler, { capture: true })
    return () => {
      clearTimeout(timer)
      for (const [name, handler] of Object.entries(handlers)) document.removeEventListener(name, handler, { capture: true })
    }
  }, [])
  return pressed
}

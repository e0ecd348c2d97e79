/** Times of the day and days as a person reads them here and now, also where the system names no valid locale. */

const TIME = { hour: '2-digit', minute: '2-digit' } as const
const DAY = { day: 'numeric', month: 'short' } as const

const twoDigits = (value: number): string => String(value).padStart(2, '0')

/** "14:32" */
export function timeOfDay(at: Date): string {
  try {
    return at.toLocaleTimeString(undefined, TIME)
  } catch {
    return `${twoDigits(at.getHours())}:${twoDigits(at.getMinutes())}`
  }
}

/** "3 Nov" */
function day(at: Date): string {
  try {
    return at.toLocaleDateString(undefined, DAY)
  } catch {
    return `${at.getFullYear()}-${twoDigits(at.getMonth() + 1)}-${twoDigits(at.getDate())}`
  }
}

const isToday = (at: Date): boolean => at.toDateString() === new Date().toDateString()

/** The time of today, the day of an older one: "14:32", "3 Nov" */
export const timeOrDay = (at: Date): string => (isToday(at) ? timeOfDay(at) : day(at))

/** The time, with its day unless that is today: "14:32", "3 Nov, 14:32" */
export const momentOf = (at: Date): string => (isToday(at) ? timeOfDay(at) : `${day(at)}, ${timeOfDay(at)}`)

/** Times and dates in the language of the phone. */

import { dateWriter } from './locale'
import { duration } from './numbers'

/** "14:32" */
export const timeOfDay = dateWriter({ hour: '2-digit', minute: '2-digit' })

/** "14:32:05" */
const timeWithSeconds = dateWriter({ hour: '2-digit', minute: '2-digit', second: '2-digit' })

/** "3 Nov" */
const day = dateWriter({ day: 'numeric', month: 'short' })

/** "3 Nov 2026" */
export const fullDay = dateWriter({ day: 'numeric', month: 'short', year: 'numeric' })

const isToday = (at: Date): boolean => at.toDateString() === new Date().toDateString()

/** The time of today, the day of an older one: "14:32", "3 Nov" */
export const timeOrDay = (at: Date): string => (isToday(at) ? timeOfDay(at) : day(at))

/** The time, with its day unless that is today: "14:32", "3 Nov, 14:32" */
export const momentOf = (at: Date): string => (isToday(at) ? timeOfDay(at) : `${day(at)}, ${timeOfDay(at)}`)

/** The moments of several things; those in the same minute have seconds, and in the same second a number. */
export function momentsOf(dates: readonly Date[]): string[] {
  const words = dates.map(momentOf)
  const exact = dates.map((at, index) => {
    const isAlone = words.filter((other) => other === words[index]).length < 2
    if (isAlone) return momentOf(at)
    return isToday(at) ? timeWithSeconds(at) : `${day(at)}, ${timeWithSeconds(at)}`
  })
  return exact.map((moment, index) => {
    const before = exact.slice(0, index).filter((other) => other === moment).length
    return before > 0 ? `${moment} (${before + 1})` : moment
  })
}

const JUST_NOW_S = 30
const DAY_S = 86_400

/** How long ago: "just now", "5 min ago", "2 days ago". A time in the future, by a clock that was set back, has only just passed. */
export function agoWords(at: Date, now: Date): string {
  const seconds = (now.getTime() - at.getTime()) / 1000
  if (seconds < JUST_NOW_S) return 'just now'
  if (seconds < 3600) return `${duration(seconds)} ago`
  if (seconds < DAY_S) return `${Math.floor(seconds / 3600)} h ago`
  const days = Math.floor(seconds / DAY_S)
  return `${days} ${days === 1 ? 'day' : 'days'} ago`
}

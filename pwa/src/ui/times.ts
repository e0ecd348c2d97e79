/** Times and dates in the language of the phone. */

import { dateWriter } from './locale'

/** "14:32" */
export const timeOfDay = dateWriter({ hour: '2-digit', minute: '2-digit' })

/** "3 Nov" */
const day = dateWriter({ day: 'numeric', month: 'short' })

const isToday = (at: Date): boolean => at.toDateString() === new Date().toDateString()

/** The time of today, the day of an older one: "14:32", "3 Nov" */
export const timeOrDay = (at: Date): string => (isToday(at) ? timeOfDay(at) : day(at))

/** The time, with its day unless that is today: "14:32", "3 Nov, 14:32" */
export const momentOf = (at: Date): string => (isToday(at) ? timeOfDay(at) : `${day(at)}, ${timeOfDay(at)}`)

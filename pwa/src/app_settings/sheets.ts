/** What is loaded when it is first shown. */

export { SettingsSheet } from './SettingsSheet'

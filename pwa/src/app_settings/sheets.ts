/** What is loaded when it is first shown. */

export { HelpSheet } from './HelpSheet'
export { SettingsSheet } from './SettingsSheet'

/** Why this phone cannot be notified, and what to do. */

import type { Obstacle } from './notifications'

export const OBSTACLE_WORDS: Record<Obstacle, string> = {
  insecure: 'Notifications need https. Open the app at the https address of your server.',
  'not-installed':
    'An iPhone or iPad shows notifications of an installed app only: in Safari tap Share, then Add to Home Screen. Open the app there and turn them on.',
  unsupported: 'This browser shows no notifications while the app is closed. Chrome, Edge, Firefox and Safari do.',
  'not-stored': 'The app is not stored on this phone yet. Wait a moment, and open the settings again.',
  blocked: 'Notifications are blocked. Allow them for this app in the settings of the browser or the phone, and come back.',
  'not-paired': 'Only paired phones are notified. Pair this one with the server first.',
  'no-pairing':
    'Only paired phones are notified, and this server pairs none. Start it with --lan or --require-pairing, then pair this phone.',
  unreachable: 'The server cannot be reached now.',
}

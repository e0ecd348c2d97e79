/** Answers every design it is sent with a tidy place for each of its blocks. */

import type { ModelArchitecture } from '../generated/wire'
import { autoLayout } from './layout'

self.onmessage = (event: MessageEvent<ModelArchitecture>) => self.postMessage(autoLayout(event.data))

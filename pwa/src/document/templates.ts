/** The generated templates, typed. */

import generated from '../generated/templates.json' with { type: 'json' }
import type { ModelArchitecture } from '../generated/wire'

export const templates = generated as unknown as readonly ModelArchitecture[]

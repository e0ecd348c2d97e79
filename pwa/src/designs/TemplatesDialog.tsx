/** The designs one can start from: templates, and files. */

import { templates } from '../document/catalogue'
import { closeSheet } from '../editor/ui_state'
import { BottomSheet } from '../ui/BottomSheet'
import { plural } from '../ui/numbers'
import { newDesign } from './library'
import { OpenFile } from './OpenFile'
import { Thumbnail } from './Thumbnail'

export function TemplatesDialog() {
  return (
    <BottomSheet title="Templates" note="Every one of them is valid as it is." onClose={closeSheet}>
      <OpenFile />
      <ul className="templates">
        {templates.map((template) => (
          <li key={template.id}>
            <button type="button" onClick={() => void newDesign(template)}>
              <Thumbnail design={template} />
              <span>
                <b>{template.name}</b>
                <small>{plural(template.components.length, 'block')}</small>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </BottomSheet>
  )
}

/** Asks before undo or redo takes back what somebody else changed since. */

import { useStore } from 'zustand'
import { answerQuestion, closeQuestion, documentStore } from '../document/store'
import { BottomSheet } from '../ui/BottomSheet'
import { questionWords } from './question_words'
import './history.css'

const SHOWN = 4

export function UndoQuestion() {
  const question = useStore(documentStore, (state) => state.question)
  const design = useStore(documentStore, (state) => state.design)
  if (!question || !design) return null
  const { title, changes, effect, revert, keep } = questionWords(question, design)
  const more = changes.length - SHOWN
  return (
    <BottomSheet title={title} onClose={closeQuestion}>
      <div className="undo-question">
        {changes.slice(0, SHOWN).map((change) => (
          <p key={change}>{change}</p>
        ))}
        {more > 0 && <p>And {more} more.</p>}
        <p className="quiet">{changes.length === 1 ? effect : 'They would be taken back.'}</p>
        <div className="choice-buttons">
          <button type="button" className="button" onClick={() => answerQuestion('revert')}>
            {revert}
          </button>
          <button type="button" className="button" data-look="primary" onClick={() => answerQuestion('keep')}>
            {keep}
          </button>
        </div>
      </div>
    </BottomSheet>
  )
}

/** The designs to start from: every template with its picture, its use, its size and the scores to expect, and an empty one. */

import { useStore } from 'zustand'
import { schemaVersion } from '../document/catalogue'
import { templates } from '../document/templates'
import type { Machine, ModelArchitecture } from '../generated/wire'
import { forecastStore } from '../runs/forecast'
import { ALGORITHMS } from '../runs/run_config'
import { Icon } from '../ui/Icon'
import { duration, exactly } from '../ui/numbers'
import { type Expectation, expectedScore, gallery, isMeasured } from './expected_score'
import './gallery.css'
import { newDesign } from './library'
import { Thumbnail } from './Thumbnail'

const LENGTHS_S = [120, 900]

const EMPTY: ModelArchitecture = {
  schema_version: schemaVersion,
  id: 'empty',
  name: 'New design',
  meta: templates[0]?.meta ?? {},
  components: [],
  edges: [],
}

export function Gallery() {
  const machine = useStore(forecastStore, (state) => state.machine)
  return (
    <>
      <ul className="gallery">
        {templates.map((template) => (
          <Card key={template.id} template={template} machine={machine} />
        ))}
        <li data-no-terms>
          <span className="thumbnail gallery-empty" aria-hidden="true">
            <Icon name="add" />
          </span>
          <span className="gallery-words">
            <button type="button" aria-describedby="about-empty" onClick={() => void newDesign(EMPTY)}>
              Empty design
            </button>
            <span className="gallery-use" id="about-empty">
              Nothing drawn yet: it begins with a board.
            </span>
          </span>
        </li>
      </ul>
      <Origin machine={machine} />
    </>
  )
}

function Card({ template, machine }: { template: ModelArchitecture; machine: Machine | null }) {
  const entry = gallery.templates.find(({ id }) => id === template.id)
  return (
    <li data-no-terms>
      <Thumbnail design={template} />
      <span className="gallery-words">
        {/* the button covers the whole card; its name is the title alone, and the rest describes it */}
        <button
          type="button"
          aria-describedby={`about-${template.id} scores-${template.id}`}
          onClick={() => void newDesign(template)}
        >
          {template.name}
        </button>
        {entry && (
          <span className="gallery-about" id={`about-${template.id}`}>
            <span className="gallery-use">{entry.good_for} </span>
            <span className="gallery-size">{exactly(entry.parameters)} parameters</span>
          </span>
        )}
      </span>
      {entry && <Scores id={template.id} expected={LENGTHS_S.map((seconds) => expectedScore(entry, seconds, machine))} />}
    </li>
  )
}

/** The expected scores, one for each length. */
function Scores({ id, expected }: { id: string; expected: (Expectation | undefined)[] }) {
  return (
    <span className="gallery-scores" id={`scores-${id}`}>
      {!expected.some(Boolean) && <span className="gallery-score">Score not measured</span>}
      {expected.some(Boolean) &&
        LENGTHS_S.map((seconds, index) => <Score key={seconds} seconds={seconds} expected={expected[index]} />)}
    </span>
  )
}

function Score({ seconds, expected }: { seconds: number; expected: Expectation | undefined }) {
  return (
    <span className="gallery-score">
      <small>after {duration(seconds)} </small>
      {expected ? (
        <b>
          {expected.atLeast ? 'over' : 'about'} {exactly(hundreds(expected))}
        </b>
      ) : (
        <span className="quiet">not measured</span>
      )}
      {expected && <small> {ALGORITHMS.find(({ name }) => name === expected.algorithm)?.term}</small>}
    </span>
  )
}

/** An expectation is no exact number; what is reached for certain is rounded down. */
const hundreds = ({ score, atLeast }: Expectation): number => 100 * (atLeast ? Math.floor(score / 100) : Math.round(score / 100))

/** Where the scores come from, and what they compare with. */
function Origin({ machine }: { machine: Machine | null }) {
  const runs = gallery.templates.flatMap(({ measured }) => measured)
  const machines = gallery.machines.map(({ name }, index) => {
    const days = [...new Set(runs.filter((run) => run.machine === index).map(({ date }) => date))].sort()
    return `${name} (${days.join(', ')})`
  })
  const speed = isMeasured(machine) ? 'converted to the measured speed of your server' : 'each at the speed of its machine'
  return (
    <section className="gallery-origin" aria-label="About the scores">
      <p>
        The scores are expectations, not promises: means of test games after training with the method named, measured on{' '}
        {machines.join(' and ')}, {speed}. “Over” means that the longest measured run was shorter.
      </p>
      <p>
        Random play scores {exactly(gallery.random_score)}, a simple greedy rule {exactly(gallery.greedy_rule_score)}.
      </p>
    </section>
  )
}

/** The designs of this server by the score of their best run within an equal budget of processor time. */

import { useEffect, useState } from 'react'
import type { Leaderboard, LeaderboardEntry } from '../generated/wire'
import { compareHref, MAX_COMPARED } from '../navigation/results'
import { termOf } from '../runs/labels'
import { openRun } from '../runs/open_run'
import { Icon } from '../ui/Icon'
import { duration, exactly, plural, roughly } from '../ui/numbers'
import { type Answer, ask, BUDGETS, LIMITS, lastQuestion, type Question } from './leaderboard'
import '../dashboard/chart-controls.css'
import './leaderboard.css'

export function LeaderboardScreen() {
  const [question, setQuestion] = useState(lastQuestion.read)
  const [answer, setAnswer] = useState<Answer>()
  useEffect(() => {
    const aborting = new AbortController()
    lastQuestion.write(question)
    ask(question, aborting.signal).then(setAnswer, () => {})
    return () => aborting.abort()
  }, [question])
  const { board, trouble } = answer ?? {}
  return (
    <>
      <Questions question={question} onChange={setQuestion} />
      <p className="quiet">
        Each design by its best run: the mean score of the last test games that began within this much processor time. It counts
        all cores, test games included, so it does not depend on how busy the server was.
      </p>
      {trouble && (
        <p className="leaderboard-trouble" role="status">
          <Icon name="offline" /> <span>{trouble}</span>
        </p>
      )}
      {!answer && <span className="spinner" role="status" aria-label="Loading" />}
      {board && <Board board={board} />}
    </>
  )
}

function Questions({ question, onChange }: { question: Question; onChange: (question: Question) => void }) {
  return (
    <div className="leaderboard-questions">
      <h2 id="leaderboard-budget">Processor time</h2>
      <div className="chart-controls">
        <fieldset aria-labelledby="leaderboard-budget">
          {BUDGETS.map(([minutes, title]) => (
            <label key={minutes}>
              <input
                type="radio"
                name="leaderboard-budget"
                checked={question.minutes === minutes}
                onChange={() => onChange({ ...question, minutes })}
              />
              {title}
            </label>
          ))}
        </fieldset>
      </div>
      <label className="leaderboard-limit">
        <span>Size of the network</span>
        <select
          value={String(question.limit)}
          onChange={({ target }) => onChange({ ...question, limit: target.value === 'null' ? null : Number(target.value) })}
        >
          {LIMITS.map(([limit, title]) => (
            <option key={title} value={String(limit)}>
              {title}
            </option>
          ))}
        </select>
      </label>
    </div>
  )
}

function Board({ board: { entries, unmeasured_runs } }: { board: Leaderboard }) {
  const most = Math.max(...entries.map(({ score }) => score))
  return (
    <>
      {entries.length === 0 && (
        <p className="leaderboard-empty" role="status">
          No run has test games within this budget. The first ones follow half a minute of processor time.
        </p>
      )}
      <ol className="leaderboard" aria-label="Leaderboard">
        {entries.map((entry, index) => (
          <Place key={entry.design_id} entry={entry} place={index + 1} most={most} />
        ))}
      </ol>
      {entries.length > 1 && (
        <a className="button" href={compareHref(entries.slice(0, MAX_COMPARED).map(({ run_id }) => run_id))}>
          <Icon name="chart" /> {entries.length > MAX_COMPARED ? `Compare the first ${MAX_COMPARED}` : 'Compare these runs'}
        </a>
      )}
      {unmeasured_runs > 0 && (
        <p className="quiet">
          {plural(unmeasured_runs, 'run')} trained before processor time was measured {unmeasured_runs === 1 ? 'is' : 'are'} not
          listed.
        </p>
      )}
    </>
  )
}

function Place({ entry, place, most }: { entry: LeaderboardEntry; place: number; most: number }) {
  const { design_id, design_name, run_id, run_name, algorithm, parameters, processor_s, steps, score } = entry
  const size = parameters === null ? 'size not known' : `${roughly(parameters)} parameters`
  return (
    <li>
      <button type="button" className="leaderboard-place" onClick={() => openRun({ id: run_id, design_id })}>
        <span className="leaderboard-rank" aria-hidden="true">
          {place}
        </span>
        <span className="leaderboard-words">
          <b data-no-terms>{design_name}</b>
          <small>
            {run_name || termOf(algorithm)} · {size}
          </small>
          <small>
            {roughly(steps)} moves in {duration(processor_s)} of processor time
          </small>
        </span>
        <span className="leaderboard-score">
          {exactly(Math.round(score))}
          <small>test score</small>
        </span>
        <span className="share-bar" aria-hidden="true">
          <i style={{ width: `${most > 0 ? (100 * score) / most : 0}%` }} />
        </span>
      </button>
    </li>
  )
}

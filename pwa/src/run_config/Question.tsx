/** A question with a few answers, one of which is preselected. */

import '../ui/answers.css'
import './recipe.css'

interface Words {
  title: string
  note?: string | undefined
}

interface QuestionProps<Name extends string> {
  name: string
  title: string
  note?: string | undefined
  answers: readonly (readonly [Name, Words])[]
  chosen: Name
  onChoose: (name: Name) => void
  about: string | undefined
}

export function Question<Name extends string>({ name, title, note, answers, chosen, onChoose, about }: QuestionProps<Name>) {
  return (
    <div
      className="question"
      role="radiogroup"
      aria-labelledby={`${name}-question`}
      aria-describedby={about ? `${name}-means` : undefined}
    >
      <h2 id={`${name}-question`}>
        {title}
        {note && `, ${note}`}
      </h2>
      <div className="answers">
        {answers.map(([answer, { title, note }]) => (
          <label key={answer} className="answer">
            <input
              type="radio"
              className="whole-label"
              name={name}
              value={answer}
              checked={answer === chosen}
              onChange={() => onChoose(answer)}
            />
            <b>{title}</b> {note && <small>{note}</small>}
          </label>
        ))}
      </div>
      {about && <p id={`${name}-means`}>{about}</p>}
    </div>
  )
}

/** The two questions before a run: how long it may take, and what it learns. */

import { useStore } from 'zustand'
import type { RecipeOffer } from '../generated/wire'
import { ALGORITHMS, choiceStore, chooseAlgorithm, chooseRecipe, chosenOf } from '../runs/run_config'
import { duration, roughly } from '../ui/numbers'
import '../ui/answers.css'
import './recipe.css'

interface Words {
  title: string
  note: string
  help: string
}

/** `where` says on which server the times are. */
export function RecipeChoice({ offers, where }: { offers: readonly RecipeOffer[]; where: string }) {
  const choice = useStore(choiceStore)
  const recipes = offers.map((offer) => [offer.name, { title: offer.title, note: timeOf(offer), help: offer.help }] as const)
  const algorithms = ALGORITHMS.map(({ name, title, term, help }) => [name, { title, note: `(${term})`, help }] as const)
  const timed = offers.some(({ forecast }) => forecast?.seconds != null)
  return (
    <>
      <Question
        name="recipe"
        title="How long"
        note={timed ? where : undefined}
        answers={recipes}
        chosen={chosenOf(offers, choice).name}
        onChoose={chooseRecipe}
      />
      <Question
        name="algorithm"
        title="What it learns · algorithm"
        answers={algorithms}
        chosen={choice.algorithm}
        onChoose={chooseAlgorithm}
      />
    </>
  )
}

/** How long it takes where the server's speed is known, else how many moves it plays. */
export function timeOf({ forecast, config }: RecipeOffer): string {
  if (forecast?.seconds != null) return `about ${duration(forecast.seconds)}`
  return `${roughly(config.total_steps ?? 0)} moves`
}

interface QuestionProps<Name extends string> {
  name: string
  title: string
  note?: string | undefined
  answers: readonly (readonly [Name, Words])[]
  chosen: Name
  onChoose: (name: Name) => void
}

function Question<Name extends string>({ name, title, note, answers, chosen, onChoose }: QuestionProps<Name>) {
  return (
    <div className="question" role="radiogroup" aria-labelledby={`${name}-question`} aria-describedby={`${name}-means`}>
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
            <b>{title}</b> <small>{note}</small>
          </label>
        ))}
      </div>
      <p id={`${name}-means`}>{answers.find(([answer]) => answer === chosen)?.[1].help}</p>
    </div>
  )
}

/** The two questions before a run: how long it may take, and what it is for. Both have an answer already. */

import { useStore } from 'zustand'
import { validationStore } from '../editor/validation'
import type { RecipeOffer } from '../generated/wire'
import {
  ALGORITHMS,
  type AlgorithmWords,
  choiceStore,
  chooseAlgorithm,
  chooseMoves,
  chooseRecipe,
  chosenOf,
  hasOwnLength,
  LENGTH_S,
  MEASURED,
  type Recommendation,
} from '../runs/run_config'
import { duration, exactly } from '../ui/numbers'
import { OwnLength } from './OwnLength'
import { Question } from './Question'
import './recipe.css'

interface Props {
  offers: readonly RecipeOffer[]
  /** on which server the times are */
  where: string
  /** undefined where the size of the design is not known */
  recommendation: Recommendation | undefined
}

const OWN = 'own'

export function RecipeChoice({ offers, where, recommendation }: Props) {
  const choice = useStore(choiceStore)
  const chosen = chosenOf(offers, choice)
  const isOwn = hasOwnLength(choice)
  const recipes = offers.filter(({ name }) => name !== 'own_length')
  const lengths = recipes.map((offer) => [offer.name, { title: offer.title, note: noteOf(offer) }] as const)
  const timed = offers.some(({ forecast }) => forecast?.seconds != null)
  const chooseLength = (name: string) => {
    if (name === OWN) chooseMoves(chosen.config.total_steps ?? 1)
    else chooseRecipe(name)
  }
  const possible = useStore(validationStore, ({ result }) => result?.algorithms)
  const goals = inOrder(recommendation, possible).map((row) => [row.name, { title: goalOf(row), note: row.term }] as const)
  return (
    <>
      <Question
        name="recipe"
        title="How long"
        note={timed ? where : undefined}
        answers={[...lengths, [OWN, { title: 'Own' }] as const]}
        chosen={isOwn ? OWN : chosen.name}
        onChoose={chooseLength}
        about={isOwn ? undefined : chosen.help}
      />
      {isOwn && <OwnLength key={choice.algorithm} offers={recipes} chosen={chosen} />}
      <Question
        name="goal"
        title="Goal"
        answers={goals}
        chosen={choice.algorithm}
        onChoose={chooseAlgorithm}
        about={goalWords(choice.algorithm, recommendation)}
      />
    </>
  )
}

const goalOf = ({ goal, title }: AlgorithmWords): string => goal || title

/** Those that can train the design, the recommended one first. */
function inOrder(recommendation: Recommendation | undefined, possible: readonly string[] = []): AlgorithmWords[] {
  const isFirst = ({ name }: AlgorithmWords): boolean => name === recommendation?.algorithm
  const fitting = ALGORITHMS.filter(({ name }) => possible.length === 0 || possible.includes(name))
  return fitting.sort((one, other) => Number(isFirst(other)) - Number(isFirst(one)))
}

/** What the method does, and what was measured of it and the others. */
function goalWords(algorithm: string, recommendation: Recommendation | undefined): string {
  const row = ALGORITHMS.find(({ name }) => name === algorithm)
  const help = row ? row.goal_help || row.help : ''
  if (!recommendation) return help
  const { like } = recommendation
  const scores = inOrder(recommendation).flatMap((each) => {
    const score = like.scores[each.name]
    return score === undefined ? [] : [`“${goalOf(each)}” ${exactly(score)}`]
  })
  const start = algorithm === recommendation.algorithm ? 'Recommended: of' : 'Of'
  const measured = `${start} the measured designs, “${like.name}” is nearest in multiply-adds; there ${scores.join(' and ')} points`
  return `${help} ${measured} after ${duration(MEASURED.seconds)} (${MEASURED.machine}, ${MEASURED.date}).`
}

const CLEARLY = 0.2

/** How long it takes where that clearly differs from its title, as for a very large network. */
export function noteOf({ name, forecast }: RecipeOffer): string | undefined {
  const meant = LENGTH_S[name]
  const seconds = forecast?.seconds
  const differs = meant !== undefined && seconds != null && Math.abs(seconds / meant - 1) > CLEARLY
  return differs ? `about ${duration(seconds)}` : undefined
}

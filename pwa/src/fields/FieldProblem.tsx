/** The problem of a field's value, below its control. */

export function FieldProblem({ problem }: { problem: string | undefined }) {
  if (problem === undefined) return null
  return (
    <p className="field-problem" role="alert">
      {problem}
    </p>
  )
}

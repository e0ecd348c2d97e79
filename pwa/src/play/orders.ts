/** Orders to the player whose failure is shown elsewhere. */

/** Let an order go on by itself: why it could not be carried out is in `playerStore`. */
export function orders(order: Promise<unknown>): void {
  order.catch(() => {})
}

"""Names of the output topics, as downstream consumers know them."""

USER_TAGS, CHURN_ALERTS, CART_ABANDONMENTS, DEAD_LETTERS = (
    "user-tags",
    "churn-alerts",
    "cart-abandonments",
    "dead-letters",
)
OUTPUT_TOPICS = (USER_TAGS, CHURN_ALERTS, CART_ABANDONMENTS, DEAD_LETTERS)

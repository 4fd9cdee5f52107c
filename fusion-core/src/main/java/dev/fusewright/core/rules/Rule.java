package dev.fusewright.core.rules;

import dev.fusewright.core.match.Match;
import dev.fusewright.core.match.Pattern;

/**
 * One kind of fusion.
 *
 * @param <F> what {@code check} finds out and {@code rewrite} needs: the facts of a site
 */
public interface Rule<F> {
  /** What the rule is, for people. */
  RuleInfo info();

  /** The shape of a site. */
  Pattern pattern();

  /** Whether fusing this site is sound, and the facts that make it so. */
  Decision<F> check(Match match);

  /** What is put in the site's place. */
  Rewrite rewrite(Match match, F facts);
}

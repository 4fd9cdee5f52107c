/*
 * Copyright the Fusewright authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package dev.fusewright.core.analysis.shape;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An integer that is known as an expression of symbols, each of which is the size of an axis and at
 * least 1.
 *
 * <p>A sum of products with integer factors, whose atoms are symbols, rounded quotients, and the
 * smaller or larger of two expressions. The form is canonical as far as equal expressions are found
 * equal where they differ by the order of sums and products, by multiples taken out of a quotient,
 * or by quotients of quotients: two strides of 2 are one of 4.
 *
 * <p>Arithmetic answers null where a number overflows or the expression gets too large.
 */
public final class SymInt {
  private static final int MAX_TERMS = 64;
  private static final int MAX_ATOMS = 8;
  private static final int MAX_WEIGHT = 512;
  private static final int MAX_NAME = 128;
  private static final long NO_BOUND = Long.MIN_VALUE;

  private final long constant;
  private final List<Term> terms;
  private final int weight;
  private @Nullable String key;

  private SymInt(long constant, List<Term> terms, int weight) {
    this.constant = constant;
    this.terms = terms;
    this.weight = weight;
  }

  /** What products are made of. */
  private sealed interface Atom {
    /** Tells atoms apart: no two have the same. */
    String key();

    /** How much it adds to the size of an expression. */
    int weight();

    /** The least value that it can have; {@link #NO_BOUND} where that is not known. */
    long lowerBound();

    @Nullable SymInt substituted(Map<String, Long> sizes);

    boolean mentions(String symbol);
  }

  private record Symbol(String name) implements Atom {
    @Override
    public String key() {
      return name.length() + ":" + name;
    }

    @Override
    public int weight() {
      return 1;
    }

    @Override
    public long lowerBound() {
      return 1;
    }

    @Override
    public SymInt substituted(Map<String, Long> sizes) {
      Long size = sizes.get(name);
      return size == null ? ofAtom(this) : of(size);
    }

    @Override
    public boolean mentions(String symbol) {
      return name.equals(symbol);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** Rounded down. */
  private record Quotient(SymInt dividend, long divisor) implements Atom {
    @Override
    public String key() {
      return "q(" + dividend.key() + ")/" + divisor;
    }

    @Override
    public int weight() {
      return dividend.weight + 1;
    }

    @Override
    public long lowerBound() {
      long bound = dividend.lowerBound();
      return bound == NO_BOUND ? NO_BOUND : Math.floorDiv(bound, divisor);
    }

    @Override
    public @Nullable SymInt substituted(Map<String, Long> sizes) {
      SymInt replaced = dividend.substituted(sizes);
      return replaced == null ? null : replaced.dividedBy(divisor);
    }

    @Override
    public boolean mentions(String symbol) {
      return dividend.mentions(symbol);
    }

    @Override
    public String toString() {
      boolean isSum = dividend.constant != 0 || dividend.terms.size() > 1;
      return (isSum ? "⌊(%s)/%d⌋" : "⌊%s/%d⌋").formatted(dividend, divisor);
    }
  }

  /** The smaller or the larger of two. */
  private record Extreme(boolean isLarger, SymInt first, SymInt second) implements Atom {
    @Override
    public String key() {
      return (isLarger ? "x(" : "n(") + first.key() + "|" + second.key() + ")";
    }

    @Override
    public int weight() {
      return first.weight + second.weight + 1;
    }

    @Override
    public long lowerBound() {
      long one = first.lowerBound();
      long other = second.lowerBound();
      return isLarger ? Math.max(one, other) : Math.min(one, other);
    }

    @Override
    public @Nullable SymInt substituted(Map<String, Long> sizes) {
      SymInt one = first.substituted(sizes);
      SymInt other = second.substituted(sizes);
      return one == null || other == null ? null : extreme(one, other, isLarger);
    }

    @Override
    public boolean mentions(String symbol) {
      return first.mentions(symbol) || second.mentions(symbol);
    }

    @Override
    public String toString() {
      return "%s(%s, %s)".formatted(isLarger ? "max" : "min", first, second);
    }
  }

  /** A product with a factor that is not 0. */
  private record Term(long factor, List<Atom> atoms, String key) {
    Term withFactor(long other) {
      return new Term(other, atoms, key);
    }

    static Term of(long factor, List<Atom> atoms) {
      List<Atom> sorted = new ArrayList<>(atoms);
      sorted.sort(Comparator.comparing(Atom::key));
      return new Term(
          factor,
          List.copyOf(sorted),
          sorted.stream().map(Atom::key).collect(Collectors.joining("·")));
    }

    int weight() {
      int sum = 0;
      for (Atom atom : atoms) {
        sum += atom.weight();
      }
      return sum;
    }

    @Override
    public String toString() {
      String product = atoms.stream().map(Object::toString).collect(Collectors.joining("·"));
      return factor == 1 ? product : factor + "·" + product;
    }
  }

  /** A number. */
  public static SymInt of(long value) {
    return new SymInt(value, List.of(), 0);
  }

  /** The size that is called {@code name}; null where the name is too long to be carried around. */
  static @Nullable SymInt symbol(String name) {
    return name.length() > MAX_NAME ? null : ofAtom(new Symbol(name));
  }

  private static SymInt ofAtom(Atom atom) {
    return new SymInt(0, List.of(Term.of(1, List.of(atom))), atom.weight());
  }

  private static @Nullable SymInt ofTerms(long constant, Collection<Term> terms) {
    List<Term> left = new ArrayList<>();
    int weight = 0;
    for (Term term : terms) {
      if (term.factor() != 0) {
        left.add(term);
        weight += term.weight();
      }
      if (left.size() > MAX_TERMS || weight > MAX_WEIGHT || term.atoms().size() > MAX_ATOMS) {
        return null;
      }
    }
    return new SymInt(constant, List.copyOf(left), weight);
  }

  /** The value, where it is a number. */
  public OptionalLong constant() {
    return isConstant() ? OptionalLong.of(constant) : OptionalLong.empty();
  }

  /** The name, where this is a single symbol. */
  public Optional<String> name() {
    boolean isAtom = constant == 0 && terms.size() == 1 && terms.get(0).factor() == 1;
    return isAtom
            && terms.get(0).atoms().size() == 1
            && terms.get(0).atoms().get(0) instanceof Symbol it
        ? Optional.of(it.name())
        : Optional.empty();
  }

  boolean isConstant() {
    return terms.isEmpty();
  }

  boolean is(long value) {
    return isConstant() && constant == value;
  }

  @Nullable SymInt plus(SymInt other) {
    try {
      long sum = Math.addExact(constant, other.constant);
      if (isConstant() && other.isConstant()) {
        return of(sum);
      }
      Map<String, Term> all = new TreeMap<>();
      terms.forEach(term -> all.put(term.key(), term));
      for (Term term : other.terms) {
        add(all, term);
      }
      return ofTerms(sum, all.values());
    } catch (ArithmeticException e) {
      return null;
    }
  }

  private static void add(Map<String, Term> all, Term term) {
    Term before = all.get(term.key());
    all.put(
        term.key(),
        before == null ? term : before.withFactor(Math.addExact(before.factor(), term.factor())));
  }

  @Nullable SymInt minus(SymInt other) {
    if (isConstant() && other.isConstant() && constant >= 0 && other.constant >= 0) {
      return of(constant - other.constant);
    }
    SymInt negative = other.times(of(-1));
    return negative == null ? null : plus(negative);
  }

  /** The product; null where it overflows or grows too long. */
  public @Nullable SymInt times(SymInt other) {
    try {
      if (isConstant() && other.isConstant()) {
        return of(Math.multiplyExact(constant, other.constant));
      }
      Map<String, Term> all = new TreeMap<>();
      for (Term term : terms) {
        add(all, term.withFactor(Math.multiplyExact(term.factor(), other.constant)));
        for (Term by : other.terms) {
          List<Atom> atoms = new ArrayList<>(term.atoms());
          atoms.addAll(by.atoms());
          if (atoms.size() > MAX_ATOMS) {
            return null;
          }
          add(all, Term.of(Math.multiplyExact(term.factor(), by.factor()), atoms));
        }
      }
      for (Term by : other.terms) {
        add(all, by.withFactor(Math.multiplyExact(constant, by.factor())));
      }
      return ofTerms(Math.multiplyExact(constant, other.constant), all.values());
    } catch (ArithmeticException e) {
      return null;
    }
  }

  /** The quotient, rounded down; null unless the divisor is positive. */
  @Nullable SymInt dividedBy(long divisor) {
    if (divisor <= 0) {
      return null;
    }
    if (isConstant()) {
      return of(Math.floorDiv(constant, divisor));
    }
    List<Term> whole = new ArrayList<>();
    List<Term> rest = new ArrayList<>();
    long common = divisor;
    for (Term term : terms) {
      whole.add(term.withFactor(Math.floorDiv(term.factor(), divisor)));
      long left = Math.floorMod(term.factor(), divisor);
      if (left != 0) {
        rest.add(term.withFactor(left));
        common = gcd(common, left);
      }
    }
    SymInt quotient = ofTerms(Math.floorDiv(constant, divisor), whole);
    if (quotient == null || rest.isEmpty()) {
      return quotient;
    }
    long by = common;
    SymInt fraction =
        ofTerms(
            Math.floorMod(constant, divisor) / by,
            rest.stream().map(term -> term.withFactor(term.factor() / by)).toList());
    SymInt rounded = fraction == null ? null : quotient(fraction, divisor / by);
    return rounded == null ? null : quotient.plus(rounded);
  }

  private static @Nullable SymInt quotient(SymInt dividend, long divisor) {
    if (divisor == 1) {
      return dividend;
    }
    Term first = dividend.terms.get(0);
    boolean isQuotient =
        dividend.terms.size() == 1 && first.factor() == 1 && first.atoms().size() == 1;
    if (isQuotient && first.atoms().get(0) instanceof Quotient inner) {
      // ⌊(⌊a/b⌋ + c)/d⌋ = ⌊(a + b·c)/(b·d)⌋
      SymInt added = of(dividend.constant).times(of(inner.divisor()));
      SymInt divided = added == null ? null : inner.dividend().plus(added);
      SymInt product = of(divisor).times(of(inner.divisor()));
      return divided == null || product == null ? null : divided.dividedBy(product.constant);
    }
    return dividend.weight >= MAX_WEIGHT ? null : ofAtom(new Quotient(dividend, divisor));
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  /** The quotient by a single product, where nothing is left over; null otherwise. */
  @Nullable SymInt exactlyDividedBy(SymInt divisor) {
    if (divisor.isConstant()) {
      long by = divisor.constant;
      boolean divides =
          by > 0 && constant % by == 0 && terms.stream().allMatch(term -> term.factor() % by == 0);
      return divides ? dividedBy(by) : null;
    }
    if (equals(divisor)) {
      return of(1);
    }
    if (divisor.terms.size() != 1 || divisor.constant != 0 || constant != 0) {
      return null;
    }
    Term by = divisor.terms.get(0);
    List<Term> quotients = new ArrayList<>();
    for (Term term : terms) {
      List<Atom> atoms = new ArrayList<>(term.atoms());
      for (Atom atom : by.atoms()) {
        if (!atoms.remove(atom)) {
          return null;
        }
      }
      if (term.factor() % by.factor() != 0) {
        return null;
      }
      quotients.add(Term.of(term.factor() / by.factor(), atoms));
    }
    return sum(quotients);
  }

  private static @Nullable SymInt sum(List<Term> products) {
    SymInt sum = of(0);
    for (Term product : products) {
      SymInt next = product.atoms().isEmpty() ? of(product.factor()) : ofTerms(0, List.of(product));
      sum = next == null || sum == null ? null : sum.plus(next);
    }
    return sum;
  }

  @Nullable SymInt min(SymInt other) {
    return extreme(this, other, /* isLarger= */ false);
  }

  @Nullable SymInt max(SymInt other) {
    return extreme(this, other, /* isLarger= */ true);
  }

  private static @Nullable SymInt extreme(SymInt a, SymInt b, boolean isLarger) {
    SymInt difference = a.minus(b);
    if (difference != null && difference.lowerBound() >= 0) {
      return isLarger ? a : b;
    }
    SymInt opposite = b.minus(a);
    if (opposite != null && opposite.lowerBound() >= 0) {
      return isLarger ? b : a;
    }
    boolean isInOrder = a.key().compareTo(b.key()) <= 0;
    return a.weight + b.weight >= MAX_WEIGHT
        ? null
        : ofAtom(new Extreme(isLarger, isInOrder ? a : b, isInOrder ? b : a));
  }

  /**
   * A value below which this never is, since no symbol is below 1; {@link Long#MIN_VALUE} where
   * that is not known.
   */
  long lowerBound() {
    try {
      long bound = constant;
      for (Term term : terms) {
        long product = term.factor();
        for (Atom atom : term.atoms()) {
          long least = atom.lowerBound();
          if (least < 0 || term.factor() < 0) {
            return NO_BOUND;
          }
          product = Math.multiplyExact(product, least);
        }
        bound = Math.addExact(bound, product);
      }
      return bound;
    } catch (ArithmeticException e) {
      return NO_BOUND;
    }
  }

  /** This, with sizes in the place of symbols; null where that overflows. */
  public @Nullable SymInt substituted(Map<String, Long> sizes) {
    SymInt sum = of(constant);
    for (Term term : terms) {
      SymInt product = of(term.factor());
      for (Atom atom : term.atoms()) {
        SymInt factor = atom.substituted(sizes);
        product = product == null || factor == null ? null : product.times(factor);
      }
      sum = sum == null || product == null ? null : sum.plus(product);
    }
    return sum;
  }

  /** Whether a symbol stands anywhere in this. */
  public boolean mentions(String symbol) {
    for (Term term : terms) {
      for (Atom atom : term.atoms()) {
        if (atom.mentions(symbol)) {
          return true;
        }
      }
    }
    return false;
  }

  private String key() {
    String known = key;
    if (known == null) {
      StringBuilder text = new StringBuilder().append(constant);
      terms.forEach(term -> text.append('+').append(term.factor()).append('*').append(term.key()));
      known = text.toString();
      key = known;
    }
    return known;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SymInt that
        && constant == that.constant
        && terms.size() == that.terms.size()
        && (terms.isEmpty() || key().equals(that.key()));
  }

  @Override
  public int hashCode() {
    return terms.isEmpty() ? Long.hashCode(constant) : key().hashCode();
  }

  /** As in {@code 1814073344·N}, or {@code ⌊(H + 1)/2⌋ + 3}. */
  @Override
  public String toString() {
    if (terms.isEmpty()) {
      return Long.toString(constant);
    }
    String sum = terms.stream().map(Term::toString).collect(Collectors.joining(" + "));
    return (constant == 0 ? sum : sum + " + " + constant).replace("+ -", "- ");
  }
}

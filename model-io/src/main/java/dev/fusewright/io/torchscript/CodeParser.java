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
package dev.fusewright.io.torchscript;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the language of serialized TorchScript: a subset of Python's.
 *
 * <p>What it does not understand within a method makes that method unknown, not the file.
 */
final class CodeParser {
  private static final int DEEPEST = 100;

  /** What is not understood; it never leaves this class. */
  private static final class CodeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CodeException(String message) {
      super(message, null, /* enableSuppression= */ false, /* writableStackTrace= */ false);
    }
  }

  private final String text;
  private final List<Token> tokens;
  private int next;
  private int depth;
  private final List<ClassText> classes = new ArrayList<>();
  private final List<Definition> functions = new ArrayList<>();

  private CodeParser(String text) {
    this.text = text;
    this.tokens = Tokens.of(text);
  }

  /** What a file defines. */
  record Parsed(List<ClassText> classes, List<Definition> functions) {
    public Parsed {
      classes = List.copyOf(classes);
      functions = List.copyOf(functions);
    }
  }

  static Parsed parse(String text) {
    CodeParser parser = new CodeParser(text);
    parser.file();
    return new Parsed(parser.classes, parser.functions);
  }

  private void file() {
    while (token().kind() != Token.Kind.END) {
      try {
        if (token().is("class")) {
          classes.add(classText());
        } else if (token().is("def")) {
          functions.add(definition());
        } else {
          throw unexpected("a class or a function");
        }
      } catch (CodeException e) {
        skipBlock(0);
      }
    }
  }

  // ------------------------------------------------------------ tokens

  private Token token() {
    return tokens.get(next);
  }

  private Token take() {
    Token taken = tokens.get(next);
    if (taken.kind() != Token.Kind.END) {
      next++;
    }
    return taken;
  }

  private boolean skip(String sign) {
    if (token().is(sign)) {
      next++;
      return true;
    }
    return false;
  }

  private Token need(String sign) {
    if (!token().is(sign)) {
      throw unexpected("'" + sign + "'");
    }
    return take();
  }

  private String needName() {
    if (token().kind() != Token.Kind.NAME) {
      throw unexpected("a name");
    }
    return take().text();
  }

  private int lastEnd() {
    return next == 0 ? 0 : tokens.get(next - 1).end();
  }

  private CodeException unexpected(String expected) {
    Token found = token();
    String shown = found.text().length() > 20 ? found.text().substring(0, 20) : found.text();
    return new CodeException(
        "line %d: expected %s, found '%s'".formatted(found.line(), expected, shown));
  }

  /** Moves to the next line that is indented at most so far. */
  private void skipBlock(int column) {
    if (token().kind() != Token.Kind.END) {
      next++;
    }
    while (token().kind() != Token.Kind.END
        && (token().column() < 0 || token().column() > column)) {
      next++;
    }
  }

  private int lineStart(int at) {
    return text.lastIndexOf('\n', at - 1) + 1;
  }

  /** Where the line after that of the last token begins. */
  private int nextLine() {
    int end = text.indexOf('\n', lastEnd());
    return end < 0 ? text.length() : end + 1;
  }

  private void endOfLine() {
    if (token().column() < 0) {
      throw unexpected("the end of the line");
    }
  }

  // ------------------------------------------------------------ classes

  private ClassText classText() {
    int start = token().start();
    need("class");
    String name = needName();
    need("(");
    List<String> bases = new ArrayList<>();
    while (!skip(")")) {
      bases.add(expression().dotted());
      skip(",");
    }
    need(":");
    List<ClassText.Field> fields = new ArrayList<>();
    List<Definition> methods = new ArrayList<>();
    Expression.@Nullable Sequence[] lists = new Expression.Sequence[2];
    String problem = "";
    while (token().column() > 0) {
      int column = token().column();
      try {
        if (token().is("def")) {
          methods.add(definition());
        } else {
          member(fields, lists);
          endOfLine();
        }
      } catch (CodeException e) {
        problem = problem.isEmpty() ? String.valueOf(e.getMessage()) : problem;
        skipBlock(column);
      }
    }
    return new ClassText(
        name, bases, lists[0], lists[1], fields, methods, problem, start, nextLine());
  }

  private void member(List<ClassText.Field> fields, Expression.@Nullable Sequence[] lists) {
    int start = lineStart(token().start());
    if (skip("pass")) {
      return;
    }
    String name = needName();
    if (name.equals("__annotations__") && skip("[")) {
      Expression key = expression();
      need("]");
      need("=");
      Expression type = expression();
      if (!(key instanceof Expression.Literal literal && literal.value() instanceof String word)) {
        throw unexpected("a name of a field");
      }
      fields.add(new ClassText.Field(word, type, null, start, nextLine()));
    } else if (skip("=")) {
      Expression value = expression();
      if (value instanceof Expression.Sequence list && name.equals("__parameters__")) {
        lists[0] = list;
      } else if (value instanceof Expression.Sequence list && name.equals("__buffers__")) {
        lists[1] = list;
      }
    } else {
      need(":");
      Expression type = expression();
      Expression value = skip("=") ? expression() : null;
      fields.add(new ClassText.Field(name, type, value, start, nextLine()));
    }
  }

  private Definition definition() {
    int column = token().column();
    int start = lineStart(token().start());
    need("def");
    String name = needName();
    need("(");
    List<Definition.Parameter> parameters = new ArrayList<>();
    while (!skip(")")) {
      String parameter = needName();
      Expression type = skip(":") ? expression() : null;
      Expression absent = skip("=") ? expression() : null;
      parameters.add(new Definition.Parameter(parameter, type, absent));
      if (!token().is(")")) {
        need(",");
      }
    }
    if (skip("->")) {
      expression();
    }
    need(":");
    List<Statement> body = List.of();
    String problem = "";
    int before = next;
    try {
      body = block(column);
      requireReturnAtTheEnd(body);
    } catch (CodeException e) {
      problem = String.valueOf(e.getMessage());
      body = List.of();
      depth = 0;
      next = before;
      while (token().kind() != Token.Kind.END
          && (token().column() < 0 || token().column() > column)) {
        next++;
      }
    }
    return new Definition(name, parameters, body, problem, start, nextLine());
  }

  /** PyTorch writes one return, as the last statement. */
  private void requireReturnAtTheEnd(List<Statement> body) {
    List<Statement> open = new ArrayList<>(body.subList(0, Math.max(0, body.size() - 1)));
    if (!body.isEmpty()) {
      open.addAll(body.get(body.size() - 1).inner());
    }
    while (!open.isEmpty()) {
      Statement next = open.remove(open.size() - 1);
      if (next instanceof Statement.Return) {
        throw new CodeException("a return before the end");
      }
      open.addAll(next.inner());
    }
  }

  // ------------------------------------------------------------ statements

  private List<Statement> block(int outer) {
    if (++depth > DEEPEST) {
      throw new CodeException("line " + token().line() + ": nested too deeply");
    }
    List<Statement> statements = new ArrayList<>();
    int column = token().column();
    if (column <= outer) {
      throw unexpected("an indented block");
    }
    while (token().column() == column) {
      statements.add(statement());
    }
    if (token().column() > column) {
      throw unexpected("a line of the same block");
    }
    depth--;
    return statements;
  }

  private Statement statement() {
    int start = lineStart(token().start());
    int column = token().column();
    if (skip("pass")) {
      endOfLine();
      return new Statement.Pass(start, nextLine());
    } else if (skip("return")) {
      Expression value = token().column() >= 0 ? null : values();
      endOfLine();
      return new Statement.Return(value, start, nextLine());
    } else if (skip("if")) {
      Expression condition = expression();
      need(":");
      List<Statement> then = block(column);
      List<Statement> otherwise = List.of();
      if (token().column() == column && skip("else")) {
        need(":");
        otherwise = block(column);
      }
      return new Statement.If(condition, then, otherwise, start, nextLine());
    } else if (skip("while")) {
      Expression condition = expression();
      need(":");
      return new Statement.While(condition, block(column), start, nextLine());
    } else if (skip("for")) {
      Expression target = new Expression.Name(needName(), tokens.get(next - 1).start(), lastEnd());
      need("in");
      Expression items = expression();
      need(":");
      return new Statement.For(target, items, block(column), start, nextLine());
    }
    return assignment(start);
  }

  private Statement assignment(int start) {
    Expression first = values();
    if (skip(":")) {
      expression();
      need("=");
      Expression value = values();
      endOfLine();
      return new Statement.Assign(List.of(first), value, start, nextLine());
    }
    if (!skip("=")) {
      endOfLine();
      return new Statement.Evaluate(first, start, nextLine());
    }
    Expression value = values();
    endOfLine();
    boolean isSeveral =
        first instanceof Expression.Sequence tuple && tuple.kind() == Expression.Kind.TUPLE;
    List<Expression> targets = isSeveral ? ((Expression.Sequence) first).items() : List.of(first);
    return new Statement.Assign(isSeveral ? List.of(first) : targets, value, start, nextLine());
  }

  /** One expression, or a tuple without parentheses. */
  private Expression values() {
    Expression first = expression();
    if (!token().is(",")) {
      return first;
    }
    List<Expression> items = new ArrayList<>(List.of(first));
    while (skip(",")) {
      if (token().is("=") || token().column() >= 0) {
        break;
      }
      items.add(expression());
    }
    return new Expression.Sequence(Expression.Kind.TUPLE, items, first.start(), lastEnd());
  }

  // ------------------------------------------------------------ expressions

  private Expression expression() {
    if (++depth > DEEPEST) {
      throw new CodeException("line " + token().line() + ": nested too deeply");
    }
    Expression expression = prefixed();
    depth--;
    return expression;
  }

  private Expression prefixed() {
    int start = token().start();
    if (skip("-")) {
      Expression operand = expression();
      return new Expression.Negative(operand, start, operand.end());
    }
    Expression value = atom();
    while (true) {
      if (skip(".")) {
        value = new Expression.Attribute(value, needName(), start, lastEnd());
      } else if (token().is("(") && token().column() < 0) {
        value = call(value, start);
      } else if (token().is("[") && token().column() < 0) {
        take();
        List<Expression> items = items("]");
        Expression index =
            items.size() == 1
                ? items.get(0)
                : new Expression.Sequence(Expression.Kind.TUPLE, items, start, lastEnd());
        value = new Expression.Subscript(value, index, start, lastEnd());
      } else {
        return value;
      }
    }
  }

  private Expression call(Expression function, int start) {
    need("(");
    List<Expression> arguments = new ArrayList<>();
    List<Expression.Keyword> keywords = new ArrayList<>();
    while (!skip(")")) {
      boolean isNamed =
          token().kind() == Token.Kind.NAME
              && next + 1 < tokens.size()
              && tokens.get(next + 1).is("=");
      if (isNamed) {
        String name = needName();
        need("=");
        keywords.add(new Expression.Keyword(name, expression()));
      } else if (keywords.isEmpty()) {
        arguments.add(expression());
      } else {
        throw unexpected("a named argument");
      }
      if (!token().is(")")) {
        need(",");
      }
    }
    return new Expression.Call(function, arguments, keywords, start, lastEnd());
  }

  private List<Expression> items(String end) {
    List<Expression> items = new ArrayList<>();
    while (!skip(end)) {
      items.add(expression());
      if (!token().is(end)) {
        need(",");
      }
    }
    return items;
  }

  private Expression atom() {
    Token token = token();
    int start = token.start();
    switch (token.kind()) {
      case NAME -> {
        take();
        return switch (token.text()) {
          case "None" -> new Expression.Literal(null, start, token.end());
          case "True" -> new Expression.Literal(true, start, token.end());
          case "False" -> new Expression.Literal(false, start, token.end());
          case "if",
              "else",
              "while",
              "for",
              "in",
              "def",
              "class",
              "return",
              "pass",
              "lambda",
              "with",
              "not",
              "and",
              "or",
              "is",
              "import",
              "from",
              "del",
              "global",
              "yield" ->
              throw new CodeException(
                  "line %d: '%s' within an expression".formatted(token.line(), token.text()));
          default -> new Expression.Name(token.text(), start, token.end());
        };
      }
      case NUMBER -> {
        take();
        return new Expression.Literal(number(token), start, token.end());
      }
      case TEXT -> {
        take();
        return new Expression.Literal(
            token.text().substring(1, token.text().length() - 1), start, token.end());
      }
      case SIGN -> {
        return enclosed(start);
      }
      case OTHER, END -> throw unexpected("an expression");
    }
    throw unexpected("an expression");
  }

  private Expression enclosed(int start) {
    if (skip("[")) {
      return new Expression.Sequence(Expression.Kind.LIST, items("]"), start, lastEnd());
    }
    if (skip("{")) {
      List<Expression> items = new ArrayList<>();
      while (!skip("}")) {
        items.add(expression());
        need(":");
        items.add(expression());
        if (!token().is("}")) {
          need(",");
        }
      }
      return new Expression.Dictionary(items, start, lastEnd());
    }
    need("(");
    if (skip(")")) {
      return new Expression.Sequence(Expression.Kind.TUPLE, List.of(), start, lastEnd());
    }
    Expression first = expression();
    if (skip(")")) {
      return widened(first, start);
    }
    need(",");
    List<Expression> items = new ArrayList<>(List.of(first));
    items.addAll(items(")"));
    return new Expression.Sequence(Expression.Kind.TUPLE, items, start, lastEnd());
  }

  /** An expression with its parentheses. */
  private Expression widened(Expression inner, int start) {
    int end = lastEnd();
    if (inner instanceof Expression.Name name) {
      return new Expression.Name(name.id(), start, end);
    } else if (inner instanceof Expression.Literal literal) {
      return new Expression.Literal(literal.value(), start, end);
    } else if (inner instanceof Expression.Attribute one) {
      return new Expression.Attribute(one.base(), one.name(), start, end);
    } else if (inner instanceof Expression.Call call) {
      return new Expression.Call(call.function(), call.arguments(), call.keywords(), start, end);
    } else if (inner instanceof Expression.Sequence sequence) {
      return new Expression.Sequence(sequence.kind(), sequence.items(), start, end);
    } else if (inner instanceof Expression.Subscript one) {
      return new Expression.Subscript(one.base(), one.index(), start, end);
    } else if (inner instanceof Expression.Negative negative) {
      return new Expression.Negative(negative.operand(), start, end);
    }
    return inner;
  }

  private static Object number(Token token) {
    try {
      boolean isWhole = token.text().chars().allMatch(c -> c >= '0' && c <= '9');
      return isWhole ? (Object) Long.valueOf(token.text()) : Double.valueOf(token.text());
    } catch (NumberFormatException e) {
      throw new CodeException("line %d: '%s' is no number".formatted(token.line(), token.text()));
    }
  }
}

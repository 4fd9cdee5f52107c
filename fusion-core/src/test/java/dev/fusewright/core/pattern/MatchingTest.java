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
package dev.fusewright.core.pattern;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.analysis.ChannelTrace;
import dev.fusewright.core.analysis.Constants;
import dev.fusewright.core.analysis.GraphView;
import dev.fusewright.core.analysis.Operand;
import dev.fusewright.core.engine.StepwisePlanning;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.text.GraphText;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MatchingTest {
  private static final Capture SUM = Capture.named("sum");
  private static final Capture PRODUCT = Capture.named("product");
  private static final Capture SIZE = Capture.named("size");

  private static GraphView graph(String text) {
    return new StepwisePlanning(GraphText.parse(text)).graph();
  }

  private static GraphView chain(String outputs, String nodes) {
    return graph("g (float[2,3] x, float[2,3] u) => (%s) { %s }".formatted(outputs, nodes));
  }

  private static Node producer(GraphView graph, String value) {
    return java.util.Objects.requireNonNull(graph.producer(value));
  }

  private static MatchResult match(Pattern pattern, GraphView graph) {
    return pattern.match(graph, producer(graph, "z"));
  }

  private static Pattern sumOfProduct() {
    return Pattern.node(OpKind.ADD).as(SUM).fedByEither(Pattern.node(OpKind.MUL).as(PRODUCT));
  }

  @Test
  void a_pattern_captures_its_nodes_in_data_order_and_says_where_a_value_enters() {
    MatchResult result =
        match(sumOfProduct(), chain("float[2,3] z", "[m] p = Mul(x, u) [s] z = Add(x, p)"));

    assertThat(result).isInstanceOf(MatchResult.Found.class);
    Match match = ((MatchResult.Found) result).match();
    assertThat(match.nodes()).extracting(Node::name).containsExactly("m", "s");
    assertThat(match.entersAt(PRODUCT)).isEqualTo(1);
  }

  @Test
  void a_value_that_enters_at_another_input_is_no_match() {
    Pattern first = Pattern.node(OpKind.ADD).fedBy(0, Pattern.node(OpKind.MUL));

    assertThat(match(first, chain("float[2,3] z", "p = Mul(x, u) z = Add(x, p)")))
        .isInstanceOf(MatchResult.None.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "float[2,3] z, float[2,3] p|p = Mul(x, u) z = Add(x, p)|GRAPH_OUTPUT",
        "float[2,3] z, float[2,3] q|p = Mul(x, u) z = Add(x, p) q = Abs(p)|OTHER_USES",
        "float[2,3] z|p = Mul(x, u) z = Add(p, p)|OTHER_USES"
      })
  void a_shared_value_is_a_near_miss_with_its_reason(String outputs, String nodes, Reason reason) {
    MatchResult result = match(sumOfProduct(), chain(outputs, nodes));

    assertThat(result)
        .isInstanceOfSatisfying(
            MatchResult.NearMiss.class, miss -> assertThat(miss.reason()).isEqualTo(reason));
  }

  @Test
  void a_link_that_shares_takes_the_value_from_other_readers() {
    Pattern shared = Pattern.node(OpKind.ADD).sharedBy(1, Pattern.node(OpKind.MUL));

    assertThat(
            match(
                shared,
                chain("float[2,3] z, float[2,3] q", "p = Mul(x, u) z = Add(x, p) q = Abs(p)")))
        .isInstanceOf(MatchResult.Found.class);
  }

  @Test
  void nodes_on_the_way_are_listed_and_must_not_be_shared_either() {
    Pattern through =
        Pattern.node(OpKind.ADD)
            .as(SUM)
            .fedThrough(Set.of(OpKind.TRANSPOSE), 0, Pattern.node(OpKind.MUL).as(PRODUCT));
    String nodes = "[m] p = Mul(x, u) [a] a = Transpose(p) [b] b = Transpose(a) [s] z = Add(b, u)";

    MatchResult found = match(through, chain("float[2,3] z", nodes));
    assertThat(((MatchResult.Found) found).match().path(PRODUCT))
        .extracting(Node::name)
        .containsExactly("a", "b");
    assertThat(match(through, chain("float[2,3] z, float[3,2] a", nodes)))
        .isInstanceOf(MatchResult.NearMiss.class);
  }

  /** {@code p·abs(p)} of one product p. */
  private static Pattern productTimesItsSize() {
    Pattern product = Pattern.node(OpKind.MUL).as(PRODUCT);
    return Pattern.node(OpKind.ADD)
        .as(SUM)
        .fedByEither(Pattern.node(OpKind.onnx("Abs")).as(SIZE).fedBy(0, product))
        .fedByEither(product);
  }

  @ParameterizedTest
  @ValueSource(strings = {"z = Add(p, a)", "z = Add(a, p)"})
  void a_capture_in_two_places_is_one_node_that_feeds_both(String sum) {
    MatchResult result =
        match(
            productTimesItsSize(),
            chain("float[2,3] z", "[m] p = Mul(x, u) [a] a = Abs(p) [s] " + sum));

    assertThat(result).isInstanceOf(MatchResult.Found.class);
    assertThat(((MatchResult.Found) result).match().nodes())
        .extracting(Node::name)
        .containsExactly("m", "a", "s");
  }

  @Test
  void two_nodes_of_a_kind_are_not_one() {
    MatchResult result =
        match(
            productTimesItsSize(),
            chain("float[2,3] z", "p = Mul(x, u) [q] q = Mul(u, x) a = Abs(p) [s] z = Add(a, q)"));

    assertThat(result).isInstanceOf(MatchResult.None.class);
    assertThat(((MatchResult.None) result).nearest().message())
        .isEqualTo(
            "input 1 of 's' is the output of Mul 'q', which has another part in the pattern");
  }

  @Test
  void readers_that_are_part_of_the_pattern_are_no_others() {
    String nodes = "p = Mul(x, u) a = Abs(p) z = Add(p, a)";

    assertThat(
            match(
                productTimesItsSize(), chain("float[2,3] z, float[2,3] q", nodes + " q = Neg(p)")))
        .isInstanceOfSatisfying(
            MatchResult.NearMiss.class,
            miss -> assertThat(miss.reason()).isEqualTo(Reason.OTHER_USES));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[s] z = Add(x, u)|input 0 of 's' is 'x', which no node of this graph computes, expected the output of Mul",
        "[n] n = Neg(x) [s] z = Add(n, u)|input 0 of 's' is the output of Neg 'n', expected that of Mul",
        "[n] z = Neg(x)|found Neg 'n', expected Add"
      })
  void a_failed_match_says_what_stands_in_its_place(String nodes, String message) {
    Pattern pattern = Pattern.node(OpKind.ADD).fedBy(0, Pattern.node(OpKind.MUL));

    assertThat(match(pattern, chain("float[2,3] z", nodes)))
        .isInstanceOfSatisfying(
            MatchResult.None.class,
            none -> assertThat(none.nearest().message()).isEqualTo(message));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[m] p = Mul(x, u) z = Add(x, p)|true|",
        "[m] p = Mul(x, u) [n] z = Neg(p)|false|the output of 'm' is read by Neg 'n', expected Add",
        "[m] p = Mul(x, u) z = Add(x, u)|false|the output of 'm' is read by no node, expected Add",
        "[m] p = Neg(x) z = Add(x, p)|false|Neg 'm' has no part in Mul → Add"
      })
  void the_nearest_match_is_found_from_any_node_of_the_pattern(
      String nodes, boolean isFound, String message) {
    GraphView graph = chain("float[2,3] z", nodes);

    MatchResult result = sumOfProduct().nearest(graph, producer(graph, "p"));

    assertThat(result instanceof MatchResult.Found).isEqualTo(isFound);
    if (result instanceof MatchResult.None none) {
      assertThat(none.nearest().message()).isEqualTo(message);
    }
  }

  @Test
  void the_nearest_match_of_a_node_on_the_way_is_that_of_its_readers() {
    Pattern through =
        Pattern.node(OpKind.ADD)
            .as(SUM)
            .fedThrough(Set.of(OpKind.TRANSPOSE), 0, Pattern.node(OpKind.MUL).as(PRODUCT));
    GraphView graph =
        chain("float[2,3] z", "p = Mul(x, u) a = Transpose(p) b = Transpose(a) z = Add(b, u)");

    assertThat(through.nearest(graph, producer(graph, "a"))).isInstanceOf(MatchResult.Found.class);
    assertThat(through).hasToString("Mul → … → Add");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "y = Transpose<perm=[0,2,3,1]>(x)|3",
        "y = Transpose(x)|2",
        "y = Unsqueeze(x, zero)|2",
        "y = Unsqueeze(x, last)|1",
        "y = Flatten<axis=2>(x)|-1",
        "y = Squeeze(x, last)|1",
        "y = Squeeze(x, one)|-1",
        "y = Reshape(x, keep)|1",
        "y = Reshape(x, mix)|-1",
        "a = Transpose<perm=[0,2,3,1]>(x) y = Transpose<perm=[0,3,1,2]>(a)|1"
      })
  void the_channel_axis_is_followed_or_given_up(String nodes, int axis) {
    GraphView graph =
        graph(
            """
            g (float[2,4,5,5] x) => (float[] y)
            <int64[1] zero = {0}, int64[1] one = {1}, int64[1] last = {-1}, int64[3] keep = {0,4,-1}, int64[3] mix = {4,-1,5}>
            { %s }
            """
                .formatted(nodes));
    List<Node> path = new ArrayList<>();
    graph.nodes().forEach(path::add);

    assertThat(ChannelTrace.follow(graph, path, 4, 1, 4)).isEqualTo(axis);
  }

  @Test
  void hostile_chains_of_products_of_weights_end_at_a_bound() {
    StringBuilder nodes = new StringBuilder();
    for (int i = 0; i < 15; i++) {
      nodes.append("w%d = Mul(w%d, w%d) ".formatted(i + 1, i, i));
    }
    GraphView graph =
        graph("g (float x) => (float[2] w15) <float[2] w0 = {1, 2}> { %s }".formatted(nodes));

    assertThat(Constants.resolve(graph, "w3")).isInstanceOf(Operand.Constant.class);
    assertThat(Constants.resolve(graph, "w15")).isInstanceOf(Operand.Variable.class);
  }
}

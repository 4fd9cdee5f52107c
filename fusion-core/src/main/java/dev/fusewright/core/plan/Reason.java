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
package dev.fusewright.core.plan;

/**
 * Reason for which a site was not fused. The names are stable codes of the report; {@link
 * #sentence()} is their documentation.
 */
public enum Reason {
  // Who else reads a value
  OTHER_USES("An inner value of the sequence is read by somebody else too, who needs it unfused."),
  GRAPH_OUTPUT("An inner value of the sequence is an output of the graph, and must stay one."),
  EXTRA_OUTPUTS(
      "The node has further outputs that are used, such as a mask or training statistics."),
  WRONG_INPUT("The value enters its consumer at another input than the data input."),

  // Operands that are not constant
  OVERRIDABLE(
      "A parameter is an initializer that callers may override, since it is also a graph input; see --inputs."),
  RUNTIME_INPUT("A parameter is given at run time, as an input of the graph."),
  COMPUTED("A parameter is computed at run time."),
  QUANTIZED("A parameter is quantized; folding would need to quantize it anew."),
  SPARSE("A parameter is a sparse initializer."),
  ABSENT("A parameter that the operator requires is missing."),

  // What BatchNormalization says of itself
  TRAINING_MODE(
      "BatchNormalization is in training form and normalizes with the statistics of the batch."),
  SPATIAL("BatchNormalization has spatial=0: its parameters are per element, not per channel."),
  NO_RUNNING_STATISTICS(
      "BatchNormalization has no running statistics (track_running_stats=False)."),
  NON_FINITE_PARAMETER("A parameter holds NaN or infinity."),
  NON_POSITIVE_VARIANCE("Variance plus epsilon is not positive in some channel."),
  NON_FINITE_RESULT("The folded parameter does not fit its element type: it would overflow."),
  SUBNORMAL_RESULT(
      "Too much of the folded parameter would be flushed to subnormal numbers of its element type."),

  // Shapes and types
  CHANNEL_MISMATCH("The number of channels differs between the layer and what follows it."),
  SHAPE_MISMATCH("A parameter has another shape than the operator prescribes."),
  BROADCAST(
      "The constant is not one value per channel: it broadcasts along another axis, or enlarges the result."),
  AXIS_UNPROVEN("It cannot be proven which axis carries the channels."),
  AMBIGUOUS_TYPE(
      "A layer's weight could belong to a Conv and to a ConvTranspose, and something speaks for the latter: declare which it is."),
  UNKNOWN_TYPE(
      "What prepare_qat does to a module depends on its class, and nothing says it: declare it in the list."),
  AMBIGUOUS_PREFIX(
      "The names of the list, or of the graph, stand behind two prefixes: write them in full."),
  AXIS_MOVED("The channel axis of the layer is not the one that the follower works on."),
  UNKNOWN_RANK("The rank of a value is not known."),
  ELEMENT_TYPE("The element types are mixed, or not ones that a fold can be stored in."),
  UNSUPPORTED_ATTRIBUTE("An attribute has a value for which the fold does not hold."),
  UNSUPPORTED_OPSET("The operator is not defined for the model's opset in this form."),
  NOT_AFFINE("The operator is not an affine function of the layer's output."),
  PADDING("The layer pads with zeros, which what stands before it would not have let through."),
  NOTHING_TO_FOLD_INTO(
      "BatchNormalization, or an elementwise operator, does not follow a layer in a form that it can be folded into."),

  // Modules
  NO_SUCH_MODULE("The list names a module that the model does not have."),
  NOT_FUSABLE_SEQUENCE("There is no fuser for this sequence of module types."),
  NOT_ADJACENT("The listed modules do not feed one another directly."),
  SHARED_MODULE("A listed module is used more than once, or stands in two groups."),
  MODE_MISMATCH("The modules are not all in the same mode, train or eval."),
  NOT_AFFINE_MODULE("BatchNorm has affine=False, which QAT does not support."),
  QAT_UNSUPPORTED("The sequence cannot be built into a QAT module."),
  NOT_NAMED(
      "A state dict does not say what may be fused: name it by a module list, a recipe or a graph."),
  OTHER_GRAPH(
      "The companion graph is not of this state dict: its parameters have other names or shapes."),
  OTHER_EPS("The eps that is asked for is not the one that the file itself says."),
  UNKNOWN_EPS(
      "The file has the eps of its BatchNorms in code, and not where it is surely read: say it, or give a graph."),
  WHOLE_MODULE(
      "The module cannot be written as a whole module again; --as state-dict writes its parameters."),
  EMPTY_GROUP("The list, or a group in it, is empty."),
  NO_SUCH_RECIPE("There is no recipe of that name."),
  MALFORMED_LIST("The module list is no list of names, and no list of lists of names."),

  // Scope
  BUDGET("The engine's budget of steps was used up before this site."),
  CLONE_BUDGET(
      "A shared weight, or the body of a function, would have to be copied, and the budget for copies is used up."),
  GROWTH(
      "The model would grow too far: parameters would be stored that are computed or shared; see --max-growth."),
  FORMAT(
      "The format of the file cannot hold the result, such as a second copy of a parameter that others read."),
  CALL_SITES_DISAGREE("The call sites of the function pass different parameters."),
  DROPPED_BY_VERIFICATION("The fusion was dropped because verification did not confirm it."),
  DEFECT(
      "A rule, or an analysis that it asked, failed unexpectedly at this site; please report it.");

  private final String sentence;

  Reason(String sentence) {
    this.sentence = sentence;
  }

  /** One sentence for people. */
  public String sentence() {
    return sentence;
  }
}

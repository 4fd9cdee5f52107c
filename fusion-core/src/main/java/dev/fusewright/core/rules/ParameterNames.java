package dev.fusewright.core.rules;

/** Names of parameters that a fold creates. */
final class ParameterNames {
  private ParameterNames() {}

  /** {@code layer1.0.conv1.bias} beside {@code layer1.0.conv1.weight}; otherwise the weight's name with a suffix. */
  static String biasBeside(String weight) {
    return weight.endsWith("weight") ? weight.substring(0, weight.length() - "weight".length()) + "bias" : weight + "_bias";
  }
}

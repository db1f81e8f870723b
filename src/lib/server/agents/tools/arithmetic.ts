/**
 * The parser and the functions of the calculator, and nothing else of mathjs: bundled they load
 * in a fifth of the time, for which nothing else is done.
 */
import {
	create,
	type FactoryFunctionMap,
	absDependencies,
	acosDependencies,
	addDependencies,
	asinDependencies,
	atan2Dependencies,
	atanDependencies,
	cbrtDependencies,
	ceilDependencies,
	cosDependencies,
	coshDependencies,
	cubeDependencies,
	divideDependencies,
	equalDependencies,
	expDependencies,
	expm1Dependencies,
	factorialDependencies,
	fixDependencies,
	floorDependencies,
	gcdDependencies,
	hypotDependencies,
	largerDependencies,
	largerEqDependencies,
	lcmDependencies,
	log10Dependencies,
	log1pDependencies,
	log2Dependencies,
	logDependencies,
	maxDependencies,
	meanDependencies,
	medianDependencies,
	minDependencies,
	modDependencies,
	multiplyDependencies,
	nthRootDependencies,
	parseDependencies,
	powDependencies,
	roundDependencies,
	signDependencies,
	sinDependencies,
	sinhDependencies,
	smallerDependencies,
	smallerEqDependencies,
	sqrtDependencies,
	squareDependencies,
	subtractDependencies,
	sumDependencies,
	tanDependencies,
	tanhDependencies,
	unaryMinusDependencies,
	unaryPlusDependencies,
	unequalDependencies
} from 'mathjs/number';

// only functions whose work is bounded whatever they are given, and which touch nothing but numbers
const named = {
	absDependencies,
	cbrtDependencies,
	ceilDependencies,
	cubeDependencies,
	expDependencies,
	expm1Dependencies,
	fixDependencies,
	floorDependencies,
	gcdDependencies,
	hypotDependencies,
	lcmDependencies,
	logDependencies,
	log10Dependencies,
	log1pDependencies,
	log2Dependencies,
	modDependencies,
	nthRootDependencies,
	powDependencies,
	roundDependencies,
	signDependencies,
	sqrtDependencies,
	squareDependencies,
	maxDependencies,
	minDependencies,
	sumDependencies,
	meanDependencies,
	medianDependencies,
	sinDependencies,
	cosDependencies,
	tanDependencies,
	asinDependencies,
	acosDependencies,
	atanDependencies,
	atan2Dependencies,
	sinhDependencies,
	coshDependencies,
	tanhDependencies
};
const operators = {
	addDependencies,
	subtractDependencies,
	multiplyDependencies,
	divideDependencies,
	powDependencies,
	modDependencies,
	unaryMinusDependencies,
	unaryPlusDependencies,
	factorialDependencies,
	largerDependencies,
	largerEqDependencies,
	smallerDependencies,
	smallerEqDependencies,
	equalDependencies,
	unequalDependencies
};

const parts = { parseDependencies, ...named, ...operators };
const { parse } = create(parts as Record<keyof typeof parts, FactoryFunctionMap>);

/** What parses an expression, and the names that may stand in it. */
export const arithmetic = {
	parse,
	functions: namesOf(named),
	operators: namesOf(operators)
};

function namesOf(dependencies: object): Set<string> {
	return new Set(Object.keys(dependencies).map((name) => name.replace('Dependencies', '')));
}
